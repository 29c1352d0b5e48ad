/** The replay: what was on the board after any step, by slider or playing by itself. The node tells each step; nothing is drawn meanwhile. */

import { UNATTENDED } from "../map/config";
import { dayText } from "../moments";
import type { Drawn, Fields, Shape } from "./board";
import type { Mark, PlotConfig } from "./config";
import { tell } from "./words";

type Then = {
  sequence: number;
  last: number;
  mark: Mark | null;
  collection: { features: { id: string; geometry: Shape; properties: Omit<Fields, "geometry"> & { centre?: [number, number] } }[] };
};
const STEP_MS = 700;

export class Replay {
  on = false;
  private readonly bar = document.querySelector<HTMLElement>("#plot-replay");
  private readonly slider = document.querySelector<HTMLInputElement>("#plot-slider");
  private readonly button = document.querySelector<HTMLButtonElement>("#plot-replay [data-act=play]");
  private timer = 0;
  private reading: AbortController | undefined;

  constructor(
    private readonly config: PlotConfig,
    private readonly last: () => number,
    private readonly show: (objects: readonly Drawn[] | undefined) => void,
  ) {
    this.slider?.addEventListener("input", () => void this.go(Number(this.slider?.value)));
    this.button?.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
    this.bar?.querySelector("[data-act=live]")?.addEventListener("click", () => this.leave());
    document.querySelector("#plot-history")?.addEventListener("click", (event) => {
      const to = (event.target as Element).closest<HTMLElement>("[data-replay-to]")?.dataset["replayTo"];
      if (to) this.open(Number(to));
    });
  }

  open(sequence = this.last()): void {
    if (!this.bar || !this.slider) return;
    this.on = true;
    this.bar.hidden = false;
    void this.go(sequence);
    this.slider.focus();
  }

  leave(): void {
    this.stop();
    this.on = false;
    this.reading?.abort();
    if (this.bar) this.bar.hidden = true;
    this.remember(undefined);
    this.show(undefined);
  }

  private play(): void {
    if (!this.slider || !this.button) return;
    this.button.textContent = tell("pause");
    this.button.setAttribute("aria-pressed", "true");
    const from = Number(this.slider.value) >= this.last() ? 0 : Number(this.slider.value);
    const step = async (sequence: number): Promise<void> => {
      const good = await this.go(sequence);
      if (!this.timer) return;
      if (!good || sequence >= this.last()) this.stop();
      else this.timer = window.setTimeout(() => void step(sequence + 1), STEP_MS);
    };
    this.timer = window.setTimeout(() => void step(from), 0);
  }

  private stop(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    if (!this.button) return;
    this.button.textContent = tell("play");
    this.button.setAttribute("aria-pressed", "false");
  }

  private async go(sequence: number): Promise<boolean> {
    const then = document.querySelector("#plot-then");
    this.reading?.abort();
    const reading = (this.reading = new AbortController());
    try {
      const answer = await fetch(`${this.config.urls.then}?sequence=${sequence}`, { signal: reading.signal, headers: { Accept: "application/json", ...UNATTENDED } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const told = (await answer.json()) as Then;
      if (!this.on) return false;
      if (this.slider) {
        this.slider.max = String(told.last);
        this.slider.value = String(told.sequence);
      }
      if (then) {
        then.textContent = told.mark
          ? tell("replayAt", { sequence: told.sequence, last: told.last, time: dayText(Date.parse(told.mark.at)), name: told.mark.name })
          : tell("replayStart", { last: told.last });
      }
      this.remember(told.sequence);
      this.show(told.collection.features.map(({ id, geometry, properties: { centre, ...fields } }) => ({ id, fields: { ...fields, geometry: centre ? { type: "Point", coordinates: centre } : geometry } as Fields })));
      return true;
    } catch (error) {
      if (reading.signal.aborted) return false;
      console.warn("replay", error);
      if (then) then.textContent = tell("replayFailed");
      return false;
    }
  }

  /** The step shown is part of the address. */
  private remember(sequence: number | undefined): void {
    const query = new URLSearchParams(location.search);
    if (sequence === undefined) query.delete("replay");
    else query.set("replay", String(sequence));
    const text = query.toString().replaceAll("%2C", ",");
    history.replaceState(history.state, "", location.pathname + (text ? `?${text}` : ""));
    document.querySelectorAll<HTMLAnchorElement>("a[data-export]").forEach((link) => {
      link.search = sequence === undefined ? "" : `?sequence=${sequence}`;
    });
  }
}
