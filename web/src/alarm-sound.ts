/** The sound of an alarm: made here, not fetched; off until somebody switches it on, and remembered in this browser. */

import { say } from "./words";

const KEPT = "anlan-alarm-sound";
const BEEPS: Readonly<Record<number, readonly [times: number, hertz: number]>> = { 1: [4, 1320], 2: [3, 1100], 3: [2, 880], 4: [1, 660] };
const BEEP_S = 0.16;
const PAUSE_S = 0.12;

export class Ringer {
  private context: AudioContext | undefined;

  constructor(private readonly button: HTMLButtonElement | null) {
    if (!button || typeof AudioContext !== "function") return;
    button.hidden = false;
    button.addEventListener("click", () => this.turn(!this.on));
    // Browsers let a page sound only after somebody has touched it.
    document.addEventListener("pointerdown", () => this.wake(), { passive: true });
    document.addEventListener("keydown", () => this.wake(), { passive: true });
    this.show();
  }

  private get on(): boolean {
    return localStorage.getItem(KEPT) === "on";
  }

  private turn(on: boolean): void {
    localStorage.setItem(KEPT, on ? "on" : "off");
    this.wake();
    if (on) this.ring(4);
    this.show();
  }

  private wake(): void {
    if (!this.on) return;
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") void this.context.resume().then(() => this.show());
  }

  private show(): void {
    if (!this.button) return;
    const silent = this.on && this.context?.state !== "running";
    this.button.textContent = say(this.on ? (silent ? "soundWaits" : "soundOn") : "soundOff");
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  /** Ring for an alarm of a level: 1 (red) is the most urgent. */
  ring(level: number): void {
    if (!this.on) return;
    this.wake();
    const context = this.context;
    const [times, hertz] = BEEPS[level] ?? [1, 660];
    if (!context) return;
    for (let number = 0; number < times; number += 1) {
      const start = context.currentTime + number * (BEEP_S + PAUSE_S);
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.frequency.value = hertz;
      loudness.gain.setValueAtTime(0.25, start);
      loudness.gain.exponentialRampToValueAtTime(0.001, start + BEEP_S);
      tone.connect(loudness).connect(context.destination);
      tone.start(start);
      tone.stop(start + BEEP_S);
    }
    this.show();
  }
}
