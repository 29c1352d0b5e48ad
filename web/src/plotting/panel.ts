/** Beside the map: the list of the same objects, the form of the picked one, adding by coordinates. All of it works without the map. */

import { dayText } from "../moments";
import { type Board, type Drawn, type Fields, type Kind, newId, SHAPE_OF } from "./board";
import type { Mark, PlotConfig, Tone } from "./config";
import { coordinatesText, shapeFrom } from "./geometry";
import type { Link } from "./link";
import { tell } from "./words";

const HAZARD: ReadonlySet<Kind> = new Set(["circle", "sector", "area"]);

export function nameOf(drawn: Drawn, config: PlotConfig): string {
  const symbol = config.symbols.find((each) => each.code === drawn.fields.symbol);
  return drawn.fields.title || (drawn.fields.kind === "symbol" ? symbol?.name : undefined) || config.kinds[drawn.fields.kind] || drawn.fields.kind;
}

/** What a new object begins with. */
export function defaults(kind: Kind, config: PlotConfig, symbol: string | undefined): Partial<Fields> {
  if (kind === "symbol") {
    const code = symbol ?? (config.symbols[0]?.code as string);
    return { symbol: code, tone: config.symbols.find((each) => each.code === code)?.tone ?? "neutral" };
  }
  const tone: Tone = HAZARD.has(kind) ? "hazard" : kind === "arrow" ? "own" : "neutral";
  return {
    tone,
    ...(HAZARD.has(kind) ? { fill: "light" as const } : {}),
    ...(kind === "text" ? { title: tell("newText") } : {}),
    ...(kind === "circle" || kind === "sector" ? { radius: 200 } : {}),
    ...(kind === "sector" ? { from: 0, to: 60 } : {}),
  };
}

function moment(mark: Mark): string {
  return dayText(Date.parse(mark.at)) + (mark.late ? ` (${tell("late")})` : "");
}

export class Panel {
  picked: string | undefined;
  private readonly list = document.querySelector<HTMLElement>("#plot-list");
  private readonly section = document.querySelector<HTMLElement>("#plot-object");
  private readonly form = document.querySelector<HTMLFormElement>("#plot-form");
  private readonly add = document.querySelector<HTMLFormElement>("#plot-add");
  private shown = "";

  constructor(
    private readonly config: PlotConfig,
    private readonly board: Board,
    private readonly link: Link,
    private readonly choose: (id: string | undefined, fly: boolean) => void,
  ) {
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.add?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.addByCoordinates(event.currentTarget as HTMLFormElement);
    });
    this.form?.querySelector("[data-act=unpick]")?.addEventListener("click", () => this.choose(undefined, false));
    this.form?.querySelector("[data-act=delete]")?.addEventListener("click", () => this.remove());
  }

  /** Whether this post may change an object: it may draw, and nobody else locked it. */
  mayChange(id: string): boolean {
    const locked = this.board.marks.get(id)?.locked;
    return this.config.mayDraw && (!locked || locked.account_id === this.config.me.account || this.config.overLocks);
  }

  remove(): void {
    const id = this.picked;
    if (!id || !this.mayChange(id)) return;
    this.choose(undefined, false);
    this.board.remove(id);
  }

  refresh(objects: readonly Drawn[]): void {
    this.drawList(objects);
    const drawn = objects.find((each) => each.id === this.picked);
    if (this.picked && !drawn) return this.choose(undefined, false);
    this.drawForm(drawn);
  }

  private drawList(objects: readonly Drawn[]): void {
    const count = document.querySelector("#plot-count");
    if (count) count.textContent = tell("count", { count: objects.length });
    if (!this.list) return;
    if (objects.length === 0) {
      const empty = Object.assign(document.createElement("p"), { className: "muted", textContent: tell(this.config.mayDraw ? "nothing" : "nothingToSee") });
      this.list.replaceChildren(empty);
      return;
    }
    const focused = (document.activeElement as HTMLElement | null)?.dataset["object"];
    const table = document.createElement("table");
    table.className = "table plot-objects";
    const head = table.createTHead().insertRow();
    for (const text of [tell("object"), tell("kind"), tell("who")]) {
      head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: text }));
    }
    const body = table.createTBody();
    for (const drawn of objects) {
      const row = body.insertRow();
      row.className = drawn.id === this.picked ? "plot-row-picked" : "";
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-small plot-pick", textContent: nameOf(drawn, this.config) });
      button.dataset["object"] = drawn.id;
      button.setAttribute("aria-pressed", String(drawn.id === this.picked));
      button.addEventListener("click", () => this.choose(drawn.id, true));
      row.insertCell().append(button);
      row.insertCell().textContent = this.config.kinds[drawn.fields.kind] ?? drawn.fields.kind;
      const who = row.insertCell();
      const mark = this.board.marks.get(drawn.id)?.changed;
      who.className = "small";
      who.textContent = this.link.isWaiting(drawn.id) || !mark ? tell("notSent") : mark.name;
    }
    this.list.replaceChildren(table);
    if (focused) this.list.querySelector<HTMLElement>(`[data-object="${focused}"]`)?.focus();
  }

  private drawForm(drawn: Drawn | undefined): void {
    if (!this.section || !this.form) return;
    this.section.hidden = !drawn;
    if (!drawn) {
      this.shown = "";
      return;
    }
    const title = document.querySelector("#plot-object-title");
    if (title) title.textContent = nameOf(drawn, this.config);
    this.drawWho(drawn.id);
    const may = this.mayChange(drawn.id);
    document.querySelector<HTMLFieldSetElement>("#plot-fields")?.toggleAttribute("disabled", !may);
    this.form.querySelectorAll<HTMLButtonElement>("[data-edit]").forEach((button) => (button.hidden = !may));
    // What is being typed is not overwritten by what another post changes meanwhile.
    const now = drawn.id + JSON.stringify(drawn.fields);
    const typing = this.form.contains(document.activeElement) && this.shown.startsWith(drawn.id) && document.activeElement?.matches("input, textarea, select");
    if (now === this.shown || typing) return;
    this.shown = now;
    this.fill(drawn);
  }

  private fill(drawn: Drawn): void {
    const form = this.form as HTMLFormElement;
    const { kind, geometry } = drawn.fields;
    form.querySelectorAll<HTMLElement>("[data-for]").forEach((field) => (field.hidden = !(field.dataset["for"] ?? "").split(" ").includes(kind)));
    const values: Record<string, string> = { tone: "neutral", fill: "none", dash: "solid" };
    for (const [name, value] of Object.entries(drawn.fields)) values[name] = String(value);
    values["coordinates"] = coordinatesText(geometry);
    for (const input of form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>("input, select, textarea")) {
      if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = drawn.fields.lock === true;
      else input.value = values[input.name] ?? "";
    }
    this.fault("#plot-coordinates-error", "");
  }

  private drawWho(id: string): void {
    const place = document.querySelector("#plot-object-who");
    if (!place) return;
    const marks = this.board.marks.get(id);
    const parts = marks
      ? [
          tell("madeBy", { name: marks.created.name, post: marks.created.post, time: moment(marks.created) }),
          ...(marks.changed.sequence === marks.created.sequence
            ? []
            : [tell("changedBy", { name: marks.changed.name, post: marks.changed.post, time: moment(marks.changed) })]),
          ...(marks.locked ? [tell("lockedBy", { name: marks.locked.name })] : []),
        ]
      : [tell("notSent")];
    place.textContent = parts.join("　");
  }

  private fault(selector: string, text: string): void {
    const place = document.querySelector<HTMLElement>(selector);
    if (!place) return;
    place.hidden = !text;
    place.textContent = text;
  }

  private save(): void {
    const drawn = this.picked ? this.board.object(this.picked) : undefined;
    if (!drawn || !this.form || !this.mayChange(drawn.id)) return;
    const { kind } = drawn.fields;
    const data = new FormData(this.form);
    const text = (name: string): string | undefined => String(data.get(name) ?? "").trim() || undefined;
    const number = (name: string, low: number, high: number): number | undefined => {
      const value = Number(text(name) ?? Number.NaN);
      return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : undefined;
    };
    if (kind === "text" && !text("title")) return this.fault("#plot-coordinates-error", tell("textNeedsTitle"));
    let geometry = drawn.fields.geometry;
    try {
      // Only coordinates that were changed are read from the text: it shows fewer digits than are kept.
      if (text("coordinates") !== coordinatesText(geometry)) geometry = shapeFrom(kind, text("coordinates") ?? "");
    } catch (error) {
      return this.fault("#plot-coordinates-error", (error as Error).message);
    }
    const shaped = SHAPE_OF[kind] === "Polygon" || kind === "circle" || kind === "sector";
    const lined = shaped || kind === "line" || kind === "arrow";
    const before = drawn.fields;
    this.board.put(drawn.id, {
      title: text("title"),
      remark: text("remark"),
      tone: text("tone"),
      geometry,
      lock: data.get("lock") ? true : undefined,
      ...(kind === "symbol" ? { symbol: text("symbol"), turn: number("turn", 0, 360) || undefined } : {}),
      ...(shaped ? { fill: text("fill") } : {}),
      ...(lined ? { dash: text("dash") } : {}),
      ...(kind === "circle" || kind === "sector" ? { radius: number("radius", 1, 100_000) ?? before.radius } : {}),
      ...(kind === "sector" ? { from: number("from", 0, 360) ?? before.from, to: number("to", 0, 360) ?? before.to } : {}),
    });
    this.shown = "";
    (document.activeElement as HTMLElement | null)?.blur();
    this.refresh(this.board.objects());
  }

  private addByCoordinates(form: HTMLFormElement): void {
    const data = new FormData(form);
    const kind = String(data.get("kind")) as Kind;
    const title = String(data.get("title") ?? "").trim();
    try {
      const geometry = shapeFrom(kind, String(data.get("coordinates") ?? ""));
      if (kind === "text" && !title) throw new Error(tell("textNeedsTitle"));
      const id = newId();
      this.board.put(id, { ...defaults(kind, this.config, undefined), kind, geometry, ...(title ? { title } : {}) });
      form.reset();
      this.fault("#add-error", "");
      this.choose(id, true);
    } catch (error) {
      this.fault("#add-error", (error as Error).message);
    }
  }
}
