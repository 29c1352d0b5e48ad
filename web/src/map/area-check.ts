/**
 * The server's answer to the area of a form, whenever it changes: figures, whom it reaches, what is wrong, and what could be taken instead.
 *
 * While one is being asked the last answer stays, dimmed, and says that it is being counted; a late answer to an earlier question is dropped.
 */

import type { Geometry } from "geojson";

import { formToken, UNATTENDED } from "./config";
import { tell } from "./words";

const TYPING_PAUSE_MS = 250;
const ANSWER_WITHIN_MS = 20_000;
const WHERE = ["area", "area_codes", "area_list", "circle_longitude", "circle_latitude", "circle_radius_km"];
const WHAT = ["event_code", "level", "exercise", "issuer_name", "headline", "instruction"];

export class AreaCheck {
  private asked = 0;
  private timer = 0;
  private proposal: (shape: Geometry | undefined) => void = () => undefined;
  private last: Geometry | undefined;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly told: HTMLElement,
  ) {
    const named = (names: readonly string[]): HTMLElement[] => names.flatMap((name) => [...form.querySelectorAll<HTMLElement>(`[name="${name}"]`)]);
    for (const input of named(WHERE)) input.addEventListener("input", () => this.soon());
    // Who types may go on; what was ticked, pasted, taken or drawn to its end is asked of at once.
    for (const input of named([...WHERE, ...WHAT])) input.addEventListener("change", () => this.soon(0));
    this.soon(0);
  }

  /** Who wants to show what could be taken instead. */
  onProposal(show: (shape: Geometry | undefined) => void): void {
    this.proposal = show;
    show(this.last);
  }

  private soon(after = TYPING_PAUSE_MS): void {
    window.clearTimeout(this.timer);
    this.busy();
    this.timer = window.setTimeout(() => void this.ask(), after);
  }

  private busy(): void {
    if (this.told.getAttribute("aria-busy") === "true") return;
    this.told.setAttribute("aria-busy", "true");
    this.told.prepend(Object.assign(document.createElement("p"), { className: "area-counting", textContent: tell("warnedCounting") }));
  }

  private async ask(): Promise<void> {
    const number = (this.asked += 1);
    const began = performance.now();
    try {
      const answer = await fetch(this.form.dataset["areaCheck"] ?? "", {
        method: "POST",
        body: new FormData(this.form),
        headers: { ...UNATTENDED, "X-CSRFToken": formToken() },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const html = await answer.text();
      if (number === this.asked) this.show(html, performance.now() - began);
    } catch (error) {
      console.warn("area", error);
      if (number === this.asked) this.fail();
    }
  }

  private show(html: string, took: number): void {
    this.told.innerHTML = html;
    this.told.removeAttribute("aria-busy");
    const proposal = this.told.querySelector<HTMLElement>("[data-proposal]")?.dataset["proposal"];
    this.last = proposal ? (JSON.parse(proposal) as Geometry) : undefined;
    this.proposal(this.last);
    this.told.dataset["checkedMs"] = String(Math.round(took));
  }

  /** Nothing is shown that may be wrong: the figures before belong to another area. */
  private fail(): void {
    const again = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small", textContent: tell("retry") });
    again.addEventListener("click", () => this.soon(0));
    const why = Object.assign(document.createElement("p"), { className: "field-error", textContent: tell("warnedFailed") });
    why.setAttribute("role", "alert");
    this.told.replaceChildren(why, again);
    this.told.removeAttribute("aria-busy");
    this.last = undefined;
    this.proposal(undefined);
  }
}
