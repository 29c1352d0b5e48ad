/** The tools beside the map: measure, buffer, select, export. Each by drawing and by form; one shape at a time, kept in the address. */

import type { Geometry, MultiPolygon, Polygon } from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";

import { colour, type PageConfig } from "./config";
import { Drawing, type DrawingKind } from "./drawing";
import { type Drawn, geometryOf } from "./drawn";
import { box } from "./geodesy";
import { exportLines, savePicture, viewArea } from "./exporting";
import type { MapLayer } from "./layer";
import { measured } from "./measure";
import { button } from "./rows";
import { Refused } from "./refused";
import { type Selection, select } from "./selecting";
import { listenToShapeForm, showForm } from "./shape-form";
import type { Choose } from "./table";
import { tell } from "./words";

export type Tool = "measure" | "buffer" | "select" | "export";
const KINDS: Readonly<Record<Tool, readonly DrawingKind[]>> = {
  measure: ["line", "area", "rectangle"],
  buffer: ["point", "line", "area"],
  select: ["area", "rectangle", "circle"],
  export: [],
};
const HINTS = { point: "hintPoint", line: "hintLine", area: "hintArea", rectangle: "hintTwo", circle: "hintTwo" } as const;
const FIRST_RADIUS_M = 500;
const SHAPE = "chosen-shape";

export class Tools {
  tool: Tool | undefined;
  /** What was drawn or entered last. */
  drawn: Drawn | undefined;
  private selection: Selection | undefined;
  private readonly drawing: Drawing;
  private readonly panel = document.querySelector<HTMLElement>("#map-tool") as HTMLElement;
  private readonly result = document.querySelector<HTMLElement>("#map-tool-result") as HTMLElement;
  private readonly hint = document.querySelector<HTMLElement>("#map-tool-hint") as HTMLElement;
  private readonly clearButton = document.querySelector<HTMLElement>("#map-tool-clear") as HTMLElement;

  constructor(
    private readonly map: MapLibre,
    private readonly config: PageConfig,
    private readonly layers: () => readonly MapLayer[],
    private readonly moment: () => Date | undefined,
    private readonly choose: Choose,
    private readonly changed: () => void,
  ) {
    this.drawing = new Drawing(map, (drawn) => void this.apply(this.tool === "buffer" ? { ...drawn, radius: drawn.radius || this.radius() } : drawn));
    this.addShape();
    for (const each of document.querySelectorAll<HTMLElement>("[data-tool]")) each.addEventListener("click", () => this.toggle(each.dataset["tool"] as Tool));
    for (const each of document.querySelectorAll<HTMLElement>("[data-draw]")) each.addEventListener("click", () => this.begin(each.dataset["draw"] as DrawingKind));
    document.querySelector("#map-tool-close")?.addEventListener("click", () => this.close());
    this.clearButton.addEventListener("click", () => this.clear());
    listenToShapeForm((drawn) => {
      this.drawing.leave();
      void this.apply(drawn, true);
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  /** Whether clicks on the map belong to a shape. */
  get busy(): boolean {
    return this.drawing.busy;
  }

  toggle(tool: Tool): void {
    if (this.tool === tool) this.close();
    else this.open(tool);
  }

  /** Open a tool with what was drawn before. */
  open(tool: Tool): void {
    this.tool = tool;
    const opener = document.querySelector<HTMLElement>(`[data-tool="${tool}"]`);
    for (const each of document.querySelectorAll("[data-tool]")) each.setAttribute("aria-expanded", String(each === opener));
    (document.querySelector("#map-tool-title") as HTMLElement).textContent = opener?.textContent ?? "";
    (document.querySelector("#map-tool-draw") as HTMLElement).hidden = KINDS[tool].length === 0;
    for (const each of document.querySelectorAll<HTMLElement>("[data-draw]")) each.hidden = !KINDS[tool].includes(each.dataset["draw"] as DrawingKind);
    this.panel.hidden = false;
    showForm(tool, this.drawn, tool === "buffer" ? FIRST_RADIUS_M : 0);
    this.result.replaceChildren();
    if (tool === "export") this.tellExports();
    else if (this.drawn && this.fits(tool, this.drawn)) void this.apply(tool === "buffer" ? { ...this.drawn, radius: this.drawn.radius || this.radius() } : this.drawn);
    else if (KINDS[tool][0]) this.begin(KINDS[tool][0]);
    this.panel.focus({ preventScroll: true });
  }

  /** Whether what was drawn with another tool means something to this one. */
  private fits(tool: Tool, drawn: Drawn): boolean {
    const wide = drawn.kind === "area" || drawn.kind === "place" || drawn.radius > 0;
    return tool === "measure" ? drawn.kind === "line" || drawn.kind === "area" : tool === "buffer" || wide;
  }

  close(): void {
    const opener = document.querySelector<HTMLElement>(`[data-tool="${this.tool}"]`);
    this.drawing.leave();
    this.tool = undefined;
    this.panel.hidden = true;
    for (const each of document.querySelectorAll("[data-tool]")) each.setAttribute("aria-expanded", "false");
    opener?.focus();
  }

  /** The layers have changed: what is offered for export follows. */
  refresh(): void {
    if (this.tool === "export") this.tellExports();
  }

  /** Show and use a shape that came by the address. */
  restore(drawn: Drawn): void {
    this.drawn = drawn;
    this.open("select");
  }

  private begin(kind: DrawingKind): void {
    for (const each of document.querySelectorAll<HTMLElement>("[data-draw]")) each.setAttribute("aria-pressed", String(each.dataset["draw"] === kind));
    this.hint.textContent = tell(HINTS[kind]);
    this.drawing.take(kind).catch((error: unknown) => {
      console.warn("drawing", error);
      this.hint.textContent = "";
    });
  }

  private radius(): number {
    const given = Number(document.querySelector<HTMLInputElement>("#map-shape-radius")?.value);
    return given > 0 ? given : FIRST_RADIUS_M;
  }

  private async apply(drawn: Drawn, fit = false): Promise<void> {
    this.drawn = drawn;
    this.hint.textContent = "";
    for (const each of document.querySelectorAll("[data-draw]")) each.setAttribute("aria-pressed", "false");
    const shape = geometryOf(drawn);
    this.show(shape, undefined);
    this.changed();
    if (this.tool === "measure") {
      this.result.replaceChildren(...[measured(drawn)].filter((each) => each !== undefined));
      if (fit && shape) this.fit(shape);
      return;
    }
    this.result.textContent = tell("selecting");
    try {
      const selection = await select(drawn, this.layers(), this.choose);
      if (this.drawn !== drawn) return;
      this.selection = selection;
      this.show(shape, selection.area);
      this.result.replaceChildren(...selection.tables);
      if (fit) this.fit(selection.area);
    } catch (error) {
      const text = error instanceof Refused ? error.message : tell("retry");
      if (!(error instanceof Refused)) console.warn("select", error);
      this.result.replaceChildren(Object.assign(document.createElement("p"), { className: "field-error", textContent: text }), button(tell("retry"), () => void this.apply(drawn)));
    }
  }

  private tellExports(): void {
    const chosen = this.selection?.area;
    const picture = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-primary btn-small", textContent: "PNG" });
    picture.setAttribute("aria-label", tell("picture", { time: "PNG" }));
    picture.addEventListener("click", () => void savePicture(this.map, this.config, this.layers(), this.moment()));
    const line = document.createElement("div");
    line.className = "map-tool-export";
    line.append(Object.assign(document.createElement("span"), { textContent: tell("picture", { time: "" }) }), picture);
    this.result.replaceChildren(line, ...exportLines(this.layers(), chosen ?? viewArea(this.map), chosen !== undefined, this.selection?.inside ?? new Map()));
  }

  private clear(): void {
    this.drawing.leave();
    this.drawn = undefined;
    this.selection = undefined;
    this.show(undefined, undefined);
    this.result.replaceChildren();
    this.changed();
    this.refresh();
    const first = this.tool ? KINDS[this.tool][0] : undefined;
    if (first) this.begin(first);
    this.panel.focus({ preventScroll: true });
  }

  private addShape(): void {
    this.map.addSource(SHAPE, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    const accent = colour("focus");
    this.map.addLayer({ id: `${SHAPE}-fill`, type: "fill", source: SHAPE, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": accent, "fill-opacity": 0.1 } });
    this.map.addLayer({ id: `${SHAPE}-line`, type: "line", source: SHAPE, paint: { "line-color": accent, "line-width": 2.5, "line-dasharray": [2, 1.5] } });
    const point = ["==", ["geometry-type"], "Point"] as never;
    this.map.addLayer({ id: `${SHAPE}-point`, type: "circle", source: SHAPE, filter: point, paint: { "circle-radius": 5, "circle-color": accent } });
  }

  private show(shape: Geometry | undefined, area: Polygon | MultiPolygon | undefined): void {
    const features = [shape, area].filter((each) => each !== undefined).map((geometry) => ({ type: "Feature" as const, properties: {}, geometry }));
    this.map.getSource<GeoJSONSource>(SHAPE)?.setData({ type: "FeatureCollection", features });
    this.clearButton.hidden = features.length === 0;
  }

  private fit(shape: Geometry): void {
    const [west, south, east, north] = box(shape);
    this.map.fitBounds([west, south, east, north], { padding: 80, maxZoom: 15 });
  }
}
