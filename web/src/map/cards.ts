/** Cards of the layers: switch, count, time of the data, why nothing is there, retry, opacity, order, search. What is chosen is remembered. */

import { clockTime } from "../countdowns";
import { say } from "../words";
import type { MapLayer } from "./layer";
import { tell } from "./words";

type Kept = { layers?: string[]; order?: string[]; opacity?: Record<string, number> };

/** A layer that hears of changes and has not been read for so long is marked. */
const STALE_MS = 10 * 60_000;

export class Cards {
  private readonly form = document.querySelector<HTMLFormElement>("#map-layer-form");
  private readonly kept: Kept;
  private readonly name: string;

  /** `account` keeps the choices of one post's holder apart from the next one at the same machine. */
  constructor(account: string, wanted: readonly string[] | undefined) {
    this.name = `anlan-map-${account}`;
    this.kept = this.remembered();
    const on = wanted ?? this.kept.layers;
    if (on) for (const box of this.boxes()) box.checked = on.includes(box.name);
    this.arrange(wanted && wanted.length > 1 ? wanted : (this.kept.order ?? []));
    document.querySelector<HTMLInputElement>("#map-layer-search")?.addEventListener("input", (event) => this.search((event.target as HTMLInputElement).value));
    for (const box of this.boxes()) this.unfold(box.name, box.checked);
  }

  /** Codes of what is switched on, as the cards stand. */
  on(): string[] {
    return this.boxes().filter((box) => box.checked).map((box) => box.name);
  }

  /** Codes of all cards from the top. */
  order(): string[] {
    return [...(this.form?.querySelectorAll<HTMLElement>("[data-card]") ?? [])].map((card) => card.dataset["card"] as string);
  }

  opacityOf(code: string): number {
    return this.kept.opacity?.[code] ?? 1;
  }

  listen(switched: (code: string, on: boolean) => void, opacity: () => void, moved: () => void, retry: (code: string) => void): void {
    this.form?.addEventListener("submit", (event) => event.preventDefault());
    this.form?.addEventListener("change", (event) => {
      const box = event.target as HTMLInputElement;
      if (box.type !== "checkbox") return;
      this.unfold(box.name, box.checked);
      switched(box.name, box.checked);
      this.keep({ layers: this.on() });
    });
    for (const slider of this.form?.querySelectorAll<HTMLInputElement>("[data-layer-opacity]") ?? []) {
      const code = slider.dataset["layerOpacity"] as string;
      slider.value = String(Math.round(this.opacityOf(code) * 100));
      slider.addEventListener("input", () => {
        const share = Number(slider.value) / 100;
        this.keep({ opacity: { ...this.kept.opacity, [code]: share } });
        opacity();
      });
    }
    this.form?.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLButtonElement>("button");
      if (!button) return;
      const { layerUp, layerDown, layerRetry } = button.dataset;
      if (layerRetry) retry(layerRetry);
      const code = layerUp ?? layerDown;
      const card = code ? this.card(code) : null;
      if (!card) return;
      const other = layerUp ? card.previousElementSibling : card.nextElementSibling;
      if (!other?.matches("[data-card]")) return;
      if (layerUp) other.before(card);
      else other.after(card);
      button.focus();
      this.keep({ order: this.order() });
      moved();
    });
  }

  /** Say on its card what a layer shows. `past` is the moment the page looks at, if not now. */
  describe(layer: MapLayer, past: Date | undefined): void {
    const { code, time, empty, minzoom } = layer.config;
    const count = layer.visible && layer.config.url && !layer.failed && !layer.tooWide ? `${layer.features.length}${layer.truncated ? "+" : ""}` : "";
    this.write(code, layer.visible ? this.sentence(layer, past, empty, minzoom) : "", count);
    this.card(code)?.classList.toggle("map-layer-present", layer.visible && past !== undefined && !time);
    const place = this.form?.querySelector(`[data-layer-time="${code}"]`);
    if (!place || !layer.visible || !layer.failed) return;
    const again = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small btn-retry", textContent: tell("retry") });
    again.dataset["layerRetry"] = code;
    place.append(again);
  }

  write(code: string, time: string, count: string): void {
    const place = this.form?.querySelector(`[data-layer-time="${code}"]`);
    const number = this.form?.querySelector(`[data-layer-count="${code}"]`);
    if (place) place.textContent = time;
    if (number) number.textContent = count;
  }

  private sentence(layer: MapLayer, past: Date | undefined, empty: string, minzoom: number): string {
    if (layer.failed) return say("layerFailed");
    if (layer.tooWide) return tell("zoomCloser", { zoom: minzoom });
    if (!layer.readAt) return "";
    const parts = [layer.moment ? tell("asOf", { time: clockTime(layer.readAt) }) : say("dataAt", { time: clockTime(layer.readAt) })];
    if (past && !layer.config.time) parts.unshift(tell("presentOnly"));
    if (layer.config.live.length > 0 && !layer.moment && Date.now() - layer.readAt.getTime() > STALE_MS) parts.push(tell("stale"));
    if (layer.truncated) parts.push(tell("counted"));
    if (layer.features.length === 0) parts.push(tell("nothingHere") + empty);
    return parts.join(" · ");
  }

  private boxes(): HTMLInputElement[] {
    return [...(this.form?.querySelectorAll<HTMLInputElement>("input[type=checkbox]") ?? [])];
  }

  private card(code: string): HTMLElement | null {
    return this.form?.querySelector<HTMLElement>(`[data-card="${code}"]`) ?? null;
  }

  private unfold(code: string, on: boolean): void {
    const more = this.form?.querySelector<HTMLElement>(`[data-layer-more="${code}"]`);
    if (more) more.hidden = !on;
  }

  /** Cards named first stand first within their group. */
  private arrange(order: readonly string[]): void {
    for (const code of [...order].reverse()) {
      const card = this.card(code);
      const first = card?.parentElement?.querySelector("[data-card]");
      if (card && first && first !== card && code !== "counties") first.before(card);
    }
  }

  private search(text: string): void {
    const wanted = text.trim().toLowerCase();
    let found = 0;
    for (const card of this.form?.querySelectorAll<HTMLElement>("[data-card]") ?? []) {
      const fits = (card.querySelector("label")?.textContent ?? "").toLowerCase().includes(wanted);
      card.hidden = !fits;
      if (fits) found += 1;
    }
    for (const group of this.form?.querySelectorAll<HTMLElement>(".map-group") ?? []) group.hidden = !group.querySelector("[data-card]:not([hidden])");
    const none = document.querySelector<HTMLElement>("#map-layer-none");
    if (none) none.hidden = found > 0;
  }

  private remembered(): Kept {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "{}") as Kept;
    } catch {
      return {};
    }
  }

  private keep(more: Kept): void {
    Object.assign(this.kept, more);
    try {
      localStorage.setItem(this.name, JSON.stringify(this.kept));
    } catch (error) {
      console.warn("the choice of layers is not kept", error);
    }
  }
}
