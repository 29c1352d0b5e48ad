/** The chart of one or several points: from a decade to a second, live at its end. The server's own drawing stays for whoever has no script. */

import { CustomChart, LineChart } from "echarts/charts";
import { AriaComponent, AxisPointerComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { type Answer, type Config, type Curve, windowQuery } from "./curves/data";
import { draw, hiddenLimits, HUES, lighter } from "./curves/drawing";
import { Viewport } from "./curves/viewport";
import { watchFeed } from "./live";
import { fullText } from "./moments";
import { say, type Word } from "./words";

use([CustomChart, LineChart, AriaComponent, AxisPointerComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

/** While the window moves it is drawn from what is there; the node is asked when it has rested so long. */
const REST_MS = 130;
/** A live window is read anew so often at most; in between the newest readings are put at its end. */
const REREAD_MS = 15_000;
const LIVE_STEP_MS = 1_000;
const NARROW_PX = 560;
const SPAN_WORDS: Record<number, Word> = { 3600: "span_hour", 86400: "span_day", 604800: "span_week", 2592000: "span_month", 31536000: "span_year" };

type Message = { at: number; known: boolean; c?: number[]; t?: number[]; v?: (number | null)[] };

class Chart {
  private readonly config: Config;
  private readonly plot: HTMLElement;
  private readonly state: HTMLElement;
  private readonly chart;
  private readonly view: Viewport;
  private answer: Answer | undefined;
  private skew = 0;
  private resting = 0;
  private asking: AbortController | undefined;
  private read = 0;
  private frame = 0;
  private figures = "";
  private pointer: { x: number; y: number } | undefined;

  constructor(private readonly root: HTMLElement) {
    const id = root.dataset["curves"] as string;
    this.config = JSON.parse(document.querySelector(`#${id}-config`)?.textContent ?? "{}") as Config;
    this.plot = root.querySelector("[data-plot]") as HTMLElement;
    this.state = root.querySelector("[data-state]") as HTMLElement;
    root.hidden = false;
    document.querySelectorAll<HTMLElement>(`[data-plain="${id}"]`).forEach((plain) => (plain.hidden = true));
    this.skew = this.config.live ? this.config.until - Date.now() : 0;
    this.chart = init(this.plot, undefined, { renderer: "canvas" });
    this.view = new Viewport(this.config.since, this.config.until, this.config.live, () => Date.now() + this.skew, () => this.moved());
    this.view.listen(this.plot, () => this.area(), this.config.spans);
    this.plot.addEventListener("pointermove", ({ offsetX, offsetY }) => (this.pointer = { x: offsetX, y: offsetY }));
    this.plot.addEventListener("pointerleave", () => (this.pointer = undefined));
    this.buttons();
    document.querySelectorAll<HTMLElement>("[data-swatch]").forEach((swatch) => (swatch.style.background = this.hue(Number(swatch.dataset["swatch"]))));
    if (this.config.address) root.querySelector<HTMLElement>("[data-link=compare]")?.remove();
    new ResizeObserver(() => this.render()).observe(root);
    new MutationObserver(() => this.render()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.links();
    void this.ask();
    this.follow();
  }

  private hue(number: number): string {
    const hue = HUES[number] as string;
    return document.documentElement.dataset["theme"] === "dark" ? lighter(hue) : hue;
  }

  private area(): { left: number; right: number } {
    const narrow = this.plot.clientWidth < NARROW_PX;
    return { left: narrow ? 44 : 60, right: this.plot.clientWidth - (narrow ? 8 : 16) };
  }

  private buttons(): void {
    const spans = this.root.querySelector("[data-spans]") as HTMLElement;
    for (const seconds of this.config.spans) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small", textContent: say(SPAN_WORDS[seconds] as Word) });
      button.dataset["span"] = String(seconds);
      button.addEventListener("click", () => this.view.show(seconds * 1000));
      spans.append(button);
    }
    const middle = (): number => (this.view.since + this.view.until) / 2;
    const verbs: Record<string, () => void> = {
      in: () => this.view.zoom(0.5, middle()),
      out: () => this.view.zoom(2, middle()),
      back: () => this.view.move(-0.5 * this.view.span),
      on: () => this.view.move(0.5 * this.view.span),
      live: () => this.view.goLive(),
    };
    this.root.querySelectorAll<HTMLElement>("[data-do]").forEach((button) => {
      button.addEventListener("click", () => verbs[button.dataset["do"] as string]?.());
    });
  }

  private moved(): void {
    this.render();
    this.links();
    window.clearTimeout(this.resting);
    this.resting = window.setTimeout(() => void this.ask(), REST_MS);
  }

  /** Every link and, where asked for, the page's address show the same window. */
  private links(): void {
    const { since, until, live, span } = this.view;
    const asked = windowQuery(this.config.points, since, until, live);
    for (const name of ["table", "export", "compare"] as const) {
      const link = this.root.querySelector<HTMLAnchorElement>(`[data-link="${name}"]`);
      if (link) link.href = `${this.config[name]}?${asked}`;
    }
    this.root.querySelectorAll<HTMLElement>("[data-span]").forEach((button) => {
      button.setAttribute("aria-pressed", String(Math.abs(Number(button.dataset["span"]) * 1000 - span) < 500));
    });
    this.root.querySelector("[data-do=live]")?.setAttribute("aria-pressed", String(live));
    if (!this.config.address) return;
    asked.set("axes", this.config.axes);
    history.replaceState(null, "", `?${asked}`);
    const names = ["span", "since", "until"];
    document.querySelectorAll<HTMLFormElement>("form[data-keeps-window]").forEach((form) => {
      names.forEach((name) => form.querySelectorAll(`input[name=${name}]`).forEach((input) => input.remove()));
      names.filter((name) => asked.has(name)).forEach((name) => form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: asked.get(name) as string })));
    });
    document.querySelectorAll<HTMLAnchorElement>("a[data-keeps-window]").forEach((link) => {
      const address = new URL(link.href);
      names.forEach((name) => address.searchParams.delete(name));
      names.filter((name) => asked.has(name)).forEach((name) => address.searchParams.set(name, asked.get(name) as string));
      link.href = address.href;
    });
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.view.advance();
    const { since, until } = this.view;
    const query = windowQuery(this.config.points, since, until, false);
    try {
      const answer = await fetch(`${this.config.curves}?${query}`, { signal: asking.signal, headers: { Accept: "application/json", "X-Anlan-Unattended": "1" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.answer = (await answer.json()) as Answer;
      this.read = performance.now();
      this.render();
      this.tell();
      void this.tellFigures();
    } catch (error) {
      if ((error as Error).name === "AbortError") return;
      this.state.textContent = say("curveUnknown");
      this.state.classList.add("notice-stale");
    } finally {
      document.documentElement.dataset["curvesReady"] = "";
    }
  }

  private render(): void {
    if (this.frame || !this.answer) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.answer) return;
      const { since, until } = this.view;
      const { option, height } = draw(this.answer, this.config, since, until, this.plot.clientWidth < NARROW_PX);
      this.plot.style.height = `${height}px`;
      this.chart.resize({ width: this.plot.clientWidth, height });
      this.chart.setOption(option, { notMerge: true });
      // A live chart is drawn every second: what the pointer shows must not vanish with it.
      if (this.pointer) this.chart.dispatchAction({ type: "showTip", ...this.pointer });
    });
  }

  /** What is shown, in words: for everybody, and the only thing that a screen reader has of the drawing. */
  private tell(): void {
    const { since, until, live } = this.view;
    const answer = this.answer as Answer;
    const few = until - since < 600_000;
    const readings = answer.points.reduce((sum, curve) => sum + curve.n.reduce((a, b) => a + b, 0), 0);
    const parts = [`${fullText(since, few)} – ${fullText(until, few)}`, live ? say("live") : "", readings ? say("readingsShown", { count: readings }) : say("noReadings")];
    this.state.classList.remove("notice-stale");
    this.state.textContent = parts.filter(Boolean).join(" · ");
    const legend = this.root.querySelector("[data-legend]") as HTMLElement;
    legend.replaceChildren(...answer.points.flatMap((curve, number) => this.legend(curve, number)));
  }

  private legend(curve: Curve, number: number): HTMLElement[] {
    const item = (text: string, hue?: string): HTMLElement => {
      const line = document.createElement("li");
      if (hue) {
        const swatch = Object.assign(document.createElement("span"), { className: "compare-swatch" });
        swatch.style.background = hue;
        line.append(swatch);
      }
      line.append(text);
      return line;
    };
    const found = [item(`${curve.name} ${curve.unit} · ${say("bucketWidth", { width: span(curve.width) })}`, this.hue(number))];
    if (this.config.points.length > 1) return found;
    const far = hiddenLimits(curve);
    if (far.length) found.push(item(say("limitsOutside", { limits: far.map(([limit, kind]) => `${kind} ${limit}`).join(" · ") })));
    for (const [from, to, , title, url] of curve.alarms.slice(-5)) {
      const line = document.createElement("li");
      line.append(Object.assign(document.createElement("a"), { href: url, textContent: title }), ` ${fullText(from)} – ${to ? fullText(to) : say("goingOn")}`);
      found.push(line);
    }
    for (const [from, to, label, reason] of curve.work) found.push(item(`${label} ${fullText(from)} – ${fullText(to)} ${reason}`));
    return found;
  }

  /** The table of figures below a comparison follows the window. */
  private async tellFigures(): Promise<void> {
    const place = document.querySelector("#compare-figures");
    if (!place || !this.config.address) return;
    const query = windowQuery(this.config.points, this.view.since, this.view.until, false).toString();
    if (query === this.figures) return;
    this.figures = query;
    const answer = await fetch(`${this.config.statistics}?${query}`, { headers: { "HX-Request": "true", "X-Anlan-Unattended": "1" } });
    if (answer.ok && this.figures === query) place.innerHTML = await answer.text();
  }

  private follow(): void {
    watchFeed("values", new URLSearchParams(this.config.points.map((id) => ["p", id])).toString());
    document.body.addEventListener("sse:feed.values", (event) => this.hear((event as CustomEvent<Message>).detail));
    for (const kind of ["raised", "cleared"]) {
      document.body.addEventListener(`sse:alarms.${kind}`, () => {
        if (this.view.live) void this.ask();
      });
    }
    window.setInterval(() => {
      if (document.hidden || !this.view.live) return;
      const due = Math.max(REREAD_MS, this.view.span / 500);
      if (performance.now() - this.read > due) void this.ask();
      else if (this.view.advance()) this.render();
    }, LIVE_STEP_MS);
  }

  /** Put newest readings at the end of a live window; the next answer of the node takes their place. */
  private hear(message: Message): void {
    this.skew = message.at - Date.now();
    if (!this.view.live || !this.answer || !message.c) return;
    const { since, points } = this.answer;
    for (const curve of points) {
      const at = message.c.indexOf(curve.c);
      const time = message.t?.[at];
      const value = message.v?.[at];
      if (at < 0 || time === undefined || value === null || value === undefined) continue;
      if (time - since <= (curve.t[curve.t.length - 1] ?? -Infinity)) continue;
      curve.t.push(time - since);
      curve.low.push(value);
      curve.high.push(value);
      curve.mean.push(value);
      curve.n.push(1);
    }
    this.render();
  }
}

/** A length of time, as short as it goes. */
function span(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${ms / 1000} s`;
  if (ms < 3_600_000) return `${ms / 60_000} min`;
  return ms < 86_400_000 ? `${ms / 3_600_000} h` : `${ms / 86_400_000} d`;
}

document.querySelectorAll<HTMLElement>("[data-curves]").forEach((root) => new Chart(root));
