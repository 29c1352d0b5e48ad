/**
 * The map of a bulletin: in the editor what is drawn becomes the text of the area and is checked by the server at once; on the bulletin's own
 * page the warned area is shown. Everything can be typed in the form instead.
 */

import "./map/bulletin.css";

import maplibregl, { type GeoJSONSource, type Map as MapLibre } from "maplibre-gl";

import type { Feature, Geometry, MultiPolygon, Position } from "geojson";

import { AreaCheck } from "./map/area-check";
import { newMap } from "./map/base";
import { colour, fetchConfig, type MapConfig } from "./map/config";
import { Drawing, type DrawingKind } from "./map/drawing";
import type { Drawn } from "./map/drawn";
import { box, circle } from "./map/geodesy";
import { Pens, write } from "./map/pens";
import { tell, type Word } from "./map/words";

const KINDS: readonly [DrawingKind, Word][] = [
  ["area", "drawArea"],
  ["rectangle", "drawBox"],
  ["circle", "drawRound"],
];
const LEVELS = ["red", "orange", "yellow", "blue"];

type Inputs = {
  readonly form: HTMLFormElement;
  readonly area: HTMLTextAreaElement;
  readonly drawn: HTMLInputElement;
  readonly longitude: HTMLInputElement;
  readonly latitude: HTMLInputElement;
  readonly radius: HTMLInputElement;
  readonly told: HTMLElement;
};

function inputs(): Inputs | undefined {
  const form = document.querySelector<HTMLFormElement>("#bulletin-form");
  const get = <E extends HTMLElement>(id: string): E | null => document.querySelector<E>(`#${id}`);
  const area = get<HTMLTextAreaElement>("id_area");
  const drawn = get<HTMLInputElement>("id_area_drawn");
  const [longitude, latitude, radius] = ["longitude", "latitude", "radius_km"].map((name) => get<HTMLInputElement>(`id_circle_${name}`));
  const told = get("area-check");
  return form && area && drawn && longitude && latitude && radius && told ? { form, area, drawn, longitude, latitude, radius, told } : undefined;
}

/** Polygons of the text: corners line by line with empty lines between polygons, or GeoJSON; `undefined` when it is neither. */
export function polygonsFrom(text: string): Position[][] | undefined {
  const trimmed = text.trim();
  if (!trimmed) return [];
  if (trimmed.startsWith("{")) return polygonsOf(parsed(trimmed));
  const polygons = trimmed.split(/\n\s*\n/).map((block) => block.split("\n").map((line) => line.trim().split(/[,，\s]+/).map(Number)));
  const good = polygons.every((ring) => ring.every((at) => at.length === 2 && at.every(Number.isFinite)));
  return good ? polygons : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function polygonsOf(told: unknown): Position[][] | undefined {
  const shape = told as { type?: string; coordinates?: Position[][] | Position[][][]; geometry?: unknown; features?: unknown[] } | undefined;
  if (shape?.type === "Feature") return polygonsOf(shape.geometry);
  if (shape?.type === "FeatureCollection") {
    const found = (shape.features ?? []).map(polygonsOf);
    return found.every((each) => each !== undefined) ? found.flat() : undefined;
  }
  const rings = shape?.type === "Polygon" ? [shape.coordinates as Position[][]] : shape?.type === "MultiPolygon" ? (shape.coordinates as Position[][][]) : undefined;
  return rings?.map((each) => open(each[0] ?? []));
}

/** A ring without its closing repetition. */
function open(ring: readonly Position[]): Position[] {
  const [first, last] = [ring[0], ring.at(-1)];
  return first && last && ring.length > 1 && first[0] === last[0] && first[1] === last[1] ? ring.slice(0, -1) : [...ring];
}

function textOf(polygons: readonly (readonly Position[])[]): string {
  return polygons.map((ring) => ring.map((at) => at.slice(0, 2).map((degree) => String(Number(degree.toFixed(6)))).join(",")).join("\n")).join("\n\n");
}

function multi(polygons: readonly (readonly Position[])[]): MultiPolygon {
  return { type: "MultiPolygon", coordinates: polygons.filter((ring) => ring.length >= 3).map((ring) => [[...ring, ring[0] as Position]]) };
}

/** Draw one geometry in one colour; dashed for what is only proposed. */
class Shown {
  constructor(
    private readonly map: MapLibre,
    private readonly id: string,
    tone: string,
    dashed = false,
  ) {
    map.addSource(id, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: `${id}-fill`, type: "fill", source: id, paint: { "fill-color": tone, "fill-opacity": dashed ? 0.06 : 0.2 } });
    map.addLayer({ id: `${id}-line`, type: "line", source: id, paint: { "line-color": tone, "line-width": 3, ...(dashed ? { "line-dasharray": [2, 1.5] } : {}) } });
  }

  put(shapes: readonly Geometry[]): void {
    const features: Feature[] = shapes.map((geometry) => ({ type: "Feature", properties: {}, geometry }));
    this.map.getSource<GeoJSONSource>(this.id)?.setData({ type: "FeatureCollection", features });
  }
}

class Editor {
  private readonly drawing: Drawing;
  private readonly pens: Pens;
  private readonly warned: Shown;
  private readonly proposed: Shown;

  constructor(
    private readonly map: MapLibre,
    private readonly told: Inputs,
    private readonly hint: HTMLElement,
    group: HTMLElement,
    check: AreaCheck,
  ) {
    this.warned = new Shown(map, "warned", colour("focus"));
    this.proposed = new Shown(map, "proposed", colour("text"), true);
    this.drawing = new Drawing(map, (drawn) => this.take(drawn));
    this.pens = new Pens(this.drawing, hint, group, KINDS);
    this.pens.extra("removeLast", () => this.removeLast());
    this.pens.extra("clearDrawn", () => this.clear());
    for (const input of [told.area, told.longitude, told.latitude, told.radius]) input.addEventListener("input", () => this.changed());
    told.area.addEventListener("change", (event) => {
      if (event.isTrusted) this.fit();
    });
    told.told.addEventListener("click", (event) => this.accept(event));
    check.onProposal((proposal) => this.proposed.put(proposal ? [proposal] : []));
    this.changed();
    this.fit();
  }

  private take(drawn: Drawn): void {
    if (drawn.kind === "place") return;
    this.pens.release();
    this.hint.textContent = tell("warnedDrawn");
    if (drawn.kind === "point") {
      const [longitude, latitude] = drawn.positions[0] as Position;
      write(this.told.longitude, (longitude as number).toFixed(5));
      write(this.told.latitude, (latitude as number).toFixed(5));
      write(this.told.radius, String(Math.max(0.01, Math.round(drawn.radius) / 1000)));
    } else write(this.told.area, textOf([...(polygonsFrom(this.told.area.value) ?? []), drawn.positions]));
  }

  private removeLast(): void {
    write(this.told.area, textOf((polygonsFrom(this.told.area.value) ?? []).slice(0, -1)));
  }

  private clear(): void {
    this.drawing.leave();
    this.pens.release();
    this.hint.textContent = tell("warnedHint");
    for (const input of [this.told.area, this.told.drawn, this.told.longitude, this.told.latitude, this.told.radius]) write(input, "");
  }

  private shapes(): Geometry[] {
    const polygons = polygonsFrom(this.told.area.value) ?? [];
    const [longitude, latitude, radius] = [this.told.longitude, this.told.latitude, this.told.radius].map((input) => Number.parseFloat(input.value)) as [number, number, number];
    const round = Number.isFinite(longitude) && Number.isFinite(latitude) && radius > 0 ? [circle([longitude, latitude], radius * 1000)] : [];
    return [...(polygons.length > 0 ? [multi(polygons)] : []), ...round];
  }

  private changed(): void {
    this.warned.put(this.shapes());
  }

  /** Take what is proposed; what was drawn is kept beside it. */
  private accept(event: Event): void {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-take]");
    const proposal = button?.closest<HTMLElement>("[data-proposal]")?.dataset["proposal"];
    if (!proposal) return;
    event.preventDefault();
    if (!this.told.drawn.value) this.told.drawn.value = JSON.stringify(multi(polygonsFrom(this.told.area.value) ?? []));
    write(this.told.area, textOf(polygonsOf(parsed(proposal)) ?? []));
    this.fit();
  }

  private fit(): void {
    const shapes = this.shapes();
    if (shapes.length > 0) this.map.fitBounds(box({ type: "GeometryCollection", geometries: shapes }), { padding: 50, maxZoom: 15, animate: false });
  }
}

function start(container: HTMLElement, config: MapConfig, begin: (map: MapLibre) => void): boolean {
  let map: MapLibre;
  try {
    map = newMap(container, { ...config, counties: false }, { cooperativeGestures: true });
  } catch (error) {
    console.warn("map", error);
    return false;
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.once("load", () => {
    begin(map);
    map.once("idle", () => (document.documentElement.dataset["mapReady"] = ""));
    map.triggerRepaint();
  });
  return true;
}

function edit(told: Inputs, config: MapConfig): void {
  const frame = Object.assign(document.createElement("div"), { className: "bulletin-draw" });
  const buttons = Object.assign(document.createElement("div"), { className: "btn-group" });
  buttons.setAttribute("role", "group");
  buttons.setAttribute("aria-label", tell("drawWarned"));
  const hint = Object.assign(document.createElement("p"), { className: "help", textContent: tell("warnedHint") });
  hint.setAttribute("role", "status");
  const container = Object.assign(document.createElement("div"), { className: "bulletin-map" });
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", tell("warnedMap"));
  frame.append(buttons, hint, container);
  (told.area.closest(".field") ?? told.area).before(frame);
  // People are counted also where no map can be shown.
  const check = new AreaCheck(told.form, told.told);
  if (!start(container, config, (map) => new Editor(map, told, hint, buttons, check))) {
    container.remove();
    hint.textContent = tell("mapMissing");
    document.documentElement.dataset["mapReady"] = "";
  }
}

function show(config: MapConfig): void {
  const container = document.querySelector<HTMLElement>("#bulletin-map");
  const told = document.querySelector("#bulletin-area")?.textContent;
  if (!container || !told || container.childElementCount > 0) return;
  const feature = JSON.parse(told) as Feature;
  const level = String(feature.properties?.["level"] ?? "");
  const shown = start(container, config, (map) => {
    new Shown(map, "warned", colour(LEVELS.includes(level) ? `level-${level}` : "focus")).put([feature.geometry]);
    map.fitBounds(box(feature.geometry), { padding: 40, maxZoom: 14, animate: false });
  });
  if (!shown) {
    container.remove();
    document.documentElement.dataset["mapReady"] = "";
  }
}

fetchConfig().then(
  (config) => {
    const told = inputs();
    if (told) edit(told, config);
    show(config);
    // The page of a bulletin is drawn anew when something happens to it.
    document.body.addEventListener("htmx:afterSwap", () => show(config));
  },
  (error: unknown) => {
    console.warn("map", error);
    document.documentElement.dataset["mapReady"] = "";
  },
);
