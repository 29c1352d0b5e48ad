/**
 * The start page of the field app: where the phone is, a small picture before the full one, and a position told with leave.
 *
 * What is sent, kept and sent again is the business of `offline-form`; here the form is filled, so that three taps are enough.
 */

import { say } from "./words";

const THUMBNAIL_BYTES = 30_000;
const THUMBNAIL_SIDES = [640, 480, 320, 200];
const THUMBNAIL_QUALITIES = [0.7, 0.5, 0.35];
const OFTEN_MS = 15_000;
const STANDING_MS = 60_000;
const LOW_BATTERY_MS = 180_000;
const LOW_BATTERY = 0.2;
const STANDING_METRES = 20;

type Battery = { level: number; charging: boolean };

/** A JPEG of at most THUMBNAIL_BYTES; `null` where the browser cannot draw the file (a huge or broken picture: it goes as it is). */
async function thumbnailOf(file: File): Promise<File | null> {
  try {
    const drawn = await createImageBitmap(file, { imageOrientation: "from-image" });
    for (const side of THUMBNAIL_SIDES) {
      const scale = Math.min(1, side / Math.max(drawn.width, drawn.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(drawn.width * scale));
      canvas.height = Math.max(1, Math.round(drawn.height * scale));
      canvas.getContext("2d")?.drawImage(drawn, 0, 0, canvas.width, canvas.height);
      for (const quality of THUMBNAIL_QUALITIES) {
        const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
        if (blob && blob.size <= THUMBNAIL_BYTES) return new File([blob], "thumbnail.jpg", { type: "image/jpeg" });
      }
    }
  } catch {
    return null;
  }
  return null;
}

function show(element: HTMLElement | null, visible = true): void {
  if (element) element.hidden = !visible;
}

/** Show the picture that was chosen and put its small copy before it. */
async function take(form: HTMLFormElement, input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0];
  show(form.querySelector("[data-one-key-rest]"), file !== undefined);
  if (!file) return;
  const small = form.querySelector<HTMLInputElement>("[data-thumbnail]");
  const made = await thumbnailOf(file);
  const chosen = new DataTransfer();
  if (made && file.size > made.size) chosen.items.add(made);
  if (small) small.files = chosen.files;
  const preview = form.querySelector<HTMLImageElement>("[data-one-key-preview]");
  if (preview && made) {
    const read = new FileReader();
    read.onload = () => {
      preview.src = String(read.result);
      show(preview);
    };
    read.readAsDataURL(made);
  }
  form.dataset["pictureReady"] = "";
  form.querySelector<HTMLButtonElement>(".one-key-send")?.focus();
}

let last: GeolocationCoordinates | null = null;
let lastMovedAt = 0;

function metresBetween(a: GeolocationCoordinates, b: GeolocationCoordinates): number {
  const toRad = Math.PI / 180;
  const x = (b.longitude - a.longitude) * toRad * Math.cos(((a.latitude + b.latitude) / 2) * toRad);
  const y = (b.latitude - a.latitude) * toRad;
  return Math.hypot(x, y) * 6_371_000;
}

function placed(coords: GeolocationCoordinates): void {
  if (!last || metresBetween(last, coords) > STANDING_METRES) lastMovedAt = Date.now();
  last = coords;
  const values: Record<string, number> = { longitude: coords.longitude, latitude: coords.latitude, accuracy: Math.round(coords.accuracy) };
  for (const input of Array.from(document.querySelectorAll<HTMLInputElement>("input[data-position]"))) {
    const value = values[input.dataset["position"] ?? ""];
    input.value = value === undefined ? "" : String(Number(value.toFixed(6)));
  }
  const told = document.querySelector<HTMLElement>("[data-one-key-place]");
  if (told) told.textContent = say("oneKeyPlace", { metres: Math.round(coords.accuracy) });
  document.documentElement.dataset["placed"] = "";
}

function unplaced(): void {
  if (last) return;
  const told = document.querySelector<HTMLElement>("[data-one-key-place]");
  if (told) told.textContent = say("oneKeyNoPlace");
  const more = document.querySelector<HTMLDetailsElement>("[data-one-key-more]");
  if (more) more.open = true;
}

async function battery(): Promise<Battery | null> {
  const asked = (navigator as Navigator & { getBattery?: () => Promise<Battery> }).getBattery;
  try {
    return asked ? await asked.call(navigator) : null;
  } catch {
    return null;
  }
}

/** Less often while the battery is low or the phone stands still. */
function pause(power: Battery | null): number {
  if (power && !power.charging && power.level <= LOW_BATTERY) return LOW_BATTERY_MS;
  return Date.now() - lastMovedAt > STANDING_MS ? STANDING_MS : OFTEN_MS;
}

function token(): string {
  return (JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>)["X-CSRFToken"] ?? "";
}

/** Tell where the phone is, again and again, as long as the box is ticked and the page is open. */
async function share(box: HTMLInputElement): Promise<void> {
  const state = document.querySelector<HTMLElement>("[data-share-state]");
  if (!box.checked) {
    if (state) state.textContent = say("shareStopped");
    return;
  }
  const power = await battery();
  if (last) {
    const body = new URLSearchParams({ longitude: String(last.longitude), latitude: String(last.latitude), accuracy: String(last.accuracy) });
    if (power) body.set("battery", String(Math.round(power.level * 100)));
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": token(), "X-Anlan-Unattended": "1" };
      const response = await fetch(box.dataset["share"] ?? "", { method: "POST", body, headers });
      if (state) state.textContent = say(response.ok ? "shareSent" : "shareFailed");
    } catch {
      if (state) state.textContent = say("shareFailed");
    }
  }
  window.setTimeout(() => {
    if (box.checked) void share(box);
  }, pause(power));
}

function start(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-one-key]");
  if (!form) return;
  if (navigator.geolocation) {
    navigator.geolocation.watchPosition(({ coords }) => placed(coords), unplaced, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 });
  } else unplaced();
  const input = form.querySelector<HTMLInputElement>("#photo");
  input?.addEventListener("change", () => void take(form, input));
  form.addEventListener("submit", () => {
    const own = form.querySelector<HTMLInputElement>("[data-phone-clock]");
    if (own) own.value = String(Date.now());
  });
  const box = document.querySelector<HTMLInputElement>("[data-share]");
  box?.addEventListener("change", () => void share(box));
  document.documentElement.dataset["oneKeyReady"] = "";
}

start();
