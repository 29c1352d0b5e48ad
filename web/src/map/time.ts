/** The time bar: the past 24 hours in half hours, now, and the times ahead that layers speak of. */

import { dayText } from "../moments";
import { tell } from "./words";

const STEP_MS = 30 * 60_000;
const STEPS_BACK = 48;
const PLAY_MS = 1500;

/** What happened at a moment, as a review tells it. */
type StoryLine = { readonly at: Date; readonly title: string; readonly tone: string };
type Told = { readonly lines: readonly { at: string; title: string; tone: string }[] };

export class TimeBar {
  private readonly slider = document.querySelector<HTMLInputElement>("#map-time-slider");
  private readonly playButton = document.querySelector<HTMLButtonElement>("#map-time-play");
  private readonly nowButton = document.querySelector<HTMLButtonElement>("#map-time-now");
  private stops: readonly (Date | undefined)[] = [];
  private ahead: readonly number[] = [];
  private story: readonly StoryLine[] = [];
  private playing = 0;
  /** The moment looked at; `undefined` is now. */
  moment: Date | undefined;

  constructor(moment: Date | undefined, private readonly changed: (moment: Date | undefined) => void) {
    this.moment = moment;
    this.reckon();
    this.slider?.addEventListener("input", () => this.go(Number(this.slider?.value)));
    this.nowButton?.addEventListener("click", () => this.toNow());
    this.playButton?.addEventListener("click", () => (this.playing ? this.stop() : this.play()));
    document.querySelector("#map-time-back")?.addEventListener("click", () => this.step(-1));
    document.querySelector("#map-time-on")?.addEventListener("click", () => this.step(1));
    void this.readStory();
  }

  /** A review's moments become the stops of the bar: `story` of the address names where they are told, on this host only. */
  private async readStory(): Promise<void> {
    const where = new URLSearchParams(location.search).get("story") ?? "";
    if (!where.startsWith("/") || new URL(where, location.href).origin !== location.origin) return;
    const answer = await fetch(where, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const told = (await answer.json()) as Told;
    this.story = told.lines.map((line) => ({ at: new Date(line.at), title: line.title, tone: line.tone }));
    this.reckon();
    if (this.moment === undefined) this.go(0);
  }

  /** Times ahead that the layers have something for. */
  offer(moments: Iterable<Date>): void {
    const found = [...new Set([...moments].map((each) => each.getTime()))].filter((each) => each > Date.now()).sort((a, b) => a - b);
    if (found.join() === this.ahead.join()) return;
    this.ahead = found;
    this.reckon();
  }

  private reckon(): void {
    if (this.story.length) {
      this.stops = [...this.story.map((line) => line.at), undefined];
      if (this.slider) this.slider.max = String(this.stops.length - 1);
      return this.tellMoment();
    }
    const last = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    const past = Array.from({ length: STEPS_BACK }, (_, step) => new Date(last - (STEPS_BACK - 1 - step) * STEP_MS));
    const own = this.moment && this.moment.getTime() < Date.now() && !past.some((each) => each.getTime() === this.moment?.getTime()) ? [this.moment] : [];
    const behind = [...past, ...own].sort((a, b) => a.getTime() - b.getTime());
    this.stops = [...behind, undefined, ...this.ahead.map((each) => new Date(each))];
    if (this.slider) this.slider.max = String(this.stops.length - 1);
    this.tellMoment();
  }

  private here(): number {
    const found = this.stops.findIndex((each) => each?.getTime() === this.moment?.getTime());
    return found < 0 ? this.stops.indexOf(undefined) : found;
  }

  private step(by: number): void {
    this.stop();
    this.go(this.here() + by);
  }

  private toNow(): void {
    this.stop();
    this.go(this.stops.indexOf(undefined));
  }

  private go(index: number): void {
    const next = this.stops[Math.max(0, Math.min(this.stops.length - 1, index))];
    if (next?.getTime() === this.moment?.getTime()) return this.tellMoment();
    this.moment = next;
    this.tellMoment();
    this.changed(next);
  }

  private play(): void {
    if (this.here() >= this.stops.length - 1 || this.moment === undefined) this.go(0);
    this.playing = window.setInterval(() => {
      this.go(this.here() + 1);
      if (this.moment === undefined || this.here() === this.stops.length - 1) this.stop();
    }, PLAY_MS);
    this.tellMoment();
  }

  private stop(): void {
    window.clearInterval(this.playing);
    this.playing = 0;
    this.tellMoment();
  }

  private tellMoment(): void {
    const text = this.moment ? dayText(this.moment.getTime()).slice(0, 11) : tell("now");
    const told = document.querySelector("#map-time-told");
    if (told) told.textContent = text;
    if (this.slider) {
      this.slider.value = String(this.here());
      this.slider.setAttribute("aria-valuetext", text);
    }
    if (this.nowButton) this.nowButton.disabled = this.moment === undefined;
    if (this.playButton) {
      this.playButton.textContent = this.playing ? "❚❚" : "▶";
      this.playButton.setAttribute("aria-label", tell(this.playing ? "pause" : "play"));
    }
    const banner = document.querySelector<HTMLElement>("#map-moment");
    if (!banner) return;
    banner.hidden = this.moment === undefined;
    const line = this.story.filter((each) => this.moment !== undefined && each.at.getTime() <= this.moment.getTime()).at(-1);
    banner.classList.toggle("map-moment-red", line?.tone === "red");
    const words = this.moment ? tell(this.moment.getTime() > Date.now() ? "ahead" : "past", { time: text }) : "";
    banner.textContent = line && words ? `${words} · ${line.title}` : words;
  }
}
