/** A gateway's stream in the page, where the browser's own player can: tried on request only, with the link beside it for everybody else. */

import { say } from "./words";

const HLS = "application/vnd.apple.mpegurl";

function playable(video: HTMLVideoElement, address: string): boolean {
  const path = new URL(address, location.href).pathname;
  const kind = path.endsWith(".m3u8") ? HLS : path.endsWith(".webm") ? "video/webm" : "video/mp4";
  return video.canPlayType(kind) !== "";
}

function arm(place: HTMLElement): void {
  const video = place.querySelector("video");
  const note = place.querySelector<HTMLElement>("[data-player-note]");
  const button = place.querySelector<HTMLButtonElement>("[data-player-play]");
  const address = place.dataset["player"];
  if (!video || !note || !button || !address) return;
  if (!playable(video, address)) {
    note.textContent = say("playerNone");
    return;
  }
  button.hidden = false;
  const failed = (): void => {
    video.hidden = true;
    button.hidden = false;
    note.textContent = say("playerFailed");
  };
  video.addEventListener("error", failed);
  button.addEventListener("click", () => {
    video.src = address;
    video.hidden = false;
    button.hidden = true;
    video.play().catch(failed);
  });
}

export function armPlayers(): void {
  document.querySelectorAll<HTMLElement>("[data-player]:not([data-player-none])").forEach(arm);
}
