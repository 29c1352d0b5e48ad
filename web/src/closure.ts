/** A map beside the form of a closure: what is drawn fills kind, coordinates and radius; what is typed there is shown on the map. */

import "./map/closure.css";

import maplibregl, { type GeoJSONSource, type Map as MapLibre } from "maplibre-gl";

import type { Feature, Geometry, Position } from "geojson";

import { newMap } from "./map/base";
import { colour, fetchConfig, type LayerConfig, type MapConfig } from "./map/config";
import { Drawing, type DrawingKind } from "./map/drawing";
import { type Drawn, positionsFrom } from "./map/drawn";
import { FaintLayer } from "./map/faint-layer";
import { box, circle } from "./map/geodesy";
import { Pens, write } from "./map/pens";
import { ShapeLayer } from "./map/shape-layer";
import { tell, type Word } from "./map/words";

const SHAPE = "closure";
const KINDS: readonly [DrawingKind, Word][] = [
  ["point", "drawPoint"],
  ["circle", "drawCircle"],
  ["line", "drawAlong"],
  ["area", "drawArea"],
];

type Inputs = { readonly shape: HTMLSelectElement; readonly coordinates: HTMLTextAreaElement; readonly radius: HTMLInputElement };

function inputs(): Inputs | undefined {
  const shape = document.querySelector<HTMLSelectElement>("#id_shape");
  const coordinates = document.querySelector<HTMLTextAreaElement>("#id_coordinates_text");
  const radius = document.querySelector<HTMLInputElement>("#id_radius_m");
  return shape && coordinates && radius ? { shape, coordinates, radius } : undefined;
}

/** The shape that the inputs tell, as geometry; `undefined` while they tell none. */
function told({ shape, coordinates, radius }: Inputs): Geometry | undefined {
  const positions = positionsFrom(coordinates.value);
  const metres = Number(radius.value);
  if (!positions) return undefined;
  if (shape.value === "point") return metres > 0 ? circle(positions[0] as Position, metres) : { type: "Point", coordinates: positions[0] as Position };
  if (shape.value === "area" && positions.length >= 3) return { type: "Polygon", coordinates: [[...positions, positions[0] as Position]] };
  return positions.length >= 2 ? { type: "LineString", coordinates: positions } : { type: "Point", coordinates: positions[0] as Position };
}

/** Holder, buttons and the line that says what to do, before the text of the coordinates. */
function build(before: HTMLElement): { frame: HTMLElement; container: HTMLElement; hint: HTMLElement; buttons: HTMLElement } {
  const frame = Object.assign(document.createElement("div"), { className: "closure-draw" });
  const buttons = Object.assign(document.createElement("div"), { className: "btn-group" });
  buttons.setAttribute("role", "group");
  buttons.setAttribute("aria-label", tell("drawClosure"));
  const hint = Object.assign(document.createElement("p"), { className: "help", textContent: tell("closureHint") });
  hint.setAttribute("role", "status");
  const container = Object.assign(document.createElement("div"), { className: "closure-map" });
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", tell("closureMap"));
  frame.append(buttons, hint, container);
  before.before(frame);
  return { frame, container, hint, buttons };
}

class ClosureMap {
  private readonly drawing: Drawing;
  private readonly pens: Pens;

  constructor(
    private readonly map: MapLibre,
    private readonly form: Inputs,
    private readonly hint: HTMLElement,
    group: HTMLElement,
    layers: readonly LayerConfig[],
  ) {
    const nothing = (): void => {};
    for (const layer of layers.filter((each) => each.code === "road-net")) new FaintLayer(map, layer, true, nothing);
    const closures = layers.filter((each) => each.code === "road-closures").map((layer) => new ShapeLayer(map, layer, true, nothing));
    const readClosures = (): void => closures.forEach((layer) => void layer.read());
    map.on("moveend", readClosures);
    readClosures();
    this.addShape();
    this.drawing = new Drawing(map, (drawn) => this.take(drawn));
    this.pens = new Pens(this.drawing, hint, group, KINDS);
    this.pens.extra("clearDrawn", () => this.clear());
    for (const input of Object.values(form)) input.addEventListener("input", () => this.show());
    form.shape.addEventListener("change", () => this.show());
    // What is typed may lie anywhere: the map goes there once the typing is done.
    form.coordinates.addEventListener("change", (event) => {
      if (event.isTrusted) this.fit();
    });
    this.show();
    this.fit();
  }

  private take(drawn: Drawn): void {
    if (drawn.kind === "place") return;
    this.pens.release();
    write(this.form.shape, drawn.kind);
    write(this.form.coordinates, drawn.positions.map((at) => at.slice(0, 2).map((degree) => degree.toFixed(6)).join(",")).join("\n"));
    if (drawn.radius > 0) write(this.form.radius, String(drawn.radius));
    this.hint.textContent = tell("closureDrawn");
    this.show();
  }

  private clear(): void {
    this.drawing.leave();
    this.pens.release();
    write(this.form.coordinates, "");
    this.hint.textContent = tell("closureHint");
    this.show();
  }

  private addShape(): void {
    this.map.addSource(SHAPE, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    const accent = colour("focus");
    const polygon = ["==", ["geometry-type"], "Polygon"] as never;
    this.map.addLayer({ id: `${SHAPE}-fill`, type: "fill", source: SHAPE, filter: polygon, paint: { "fill-color": accent, "fill-opacity": 0.18 } });
    this.map.addLayer({ id: `${SHAPE}-line`, type: "line", source: SHAPE, paint: { "line-color": accent, "line-width": 3 } });
    const point = ["==", ["geometry-type"], "Point"] as never;
    this.map.addLayer({ id: `${SHAPE}-point`, type: "circle", source: SHAPE, filter: point, paint: { "circle-radius": 5, "circle-color": accent } });
  }

  /** Draw what the inputs say; a circle of a few metres keeps a mark in its middle. */
  private show(): void {
    const shape = told(this.form);
    const features: Feature[] = shape ? [{ type: "Feature", properties: {}, geometry: shape }] : [];
    const middle = positionsFrom(this.form.coordinates.value)?.[0];
    if (middle && this.form.shape.value === "point") features.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: middle } });
    this.map.getSource<GeoJSONSource>(SHAPE)?.setData({ type: "FeatureCollection", features });
  }

  private fit(): void {
    const shape = told(this.form);
    if (shape) this.map.fitBounds(box(shape), { padding: 60, maxZoom: 15, animate: false });
  }
}

function open(config: MapConfig, form: Inputs): void {
  const { container, hint, buttons } = build(form.coordinates);
  let map: MapLibre;
  try {
    map = newMap(container, { ...config, counties: false }, { cooperativeGestures: true });
  } catch (error) {
    console.warn("map", error);
    container.remove();
    hint.textContent = tell("mapMissing");
    return;
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.once("load", () => {
    new ClosureMap(map, form, hint, buttons, config.layers);
    map.once("idle", () => (document.documentElement.dataset["mapReady"] = ""));
    map.triggerRepaint();
  });
}

const form = inputs();
if (form) {
  fetchConfig().then(
    (config) => open(config, form),
    (error: unknown) => {
      console.warn("map", error);
      document.documentElement.dataset["mapReady"] = "";
    },
  );
}
