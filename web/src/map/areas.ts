/** Areas and lines on a map: filled by tone, outlined with a dark casing (orange and yellow never stand alone on white), named. */

import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from "maplibre-gl";

import { colour, type Tone, toneColour, TONES } from "./config";

export type ShapeProperties = { id?: string; title?: string; tone?: Tone; severity?: number; step?: number; [key: string]: unknown };
export type ShapeFeature = Feature<Geometry, ShapeProperties>;
export type ShapeCollection = FeatureCollection<Geometry, ShapeProperties>;

export const NO_SHAPES: ShapeCollection = { type: "FeatureCollection", features: [] };
const FILL_OPACITY = 0.36;
const STEP_OPACITY = 0.72;
/** The lowest names of the base map. */
const FIRST_NAMES = "province-names";

/** The colour of a feature's `tone`; what has none or an unknown one is grey. */
export function toneExpression(): ExpressionSpecification {
  const pairs = TONES.flatMap((tone) => [tone, toneColour(tone)]);
  return ["match", ["coalesce", ["get", "tone"], "grey"], ...pairs, colour("unknown")] as unknown as ExpressionSpecification;
}

/** Stripes for areas of which the quantity is not known. */
export const UNKNOWN_PATTERN = "unknown-stripes";
const STRIPES = 12;

/** Draws the stripes of unknown areas, once for a map. */
export function addUnknownPattern(map: MapLibre): void {
  if (map.hasImage(UNKNOWN_PATTERN)) return;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = STRIPES;
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  draw.strokeStyle = colour("unknown");
  draw.lineWidth = 2;
  for (const shift of [-STRIPES, 0, STRIPES]) {
    draw.moveTo(shift, STRIPES);
    draw.lineTo(shift + STRIPES, 0);
  }
  draw.stroke();
  map.addImage(UNKNOWN_PATTERN, draw.getImageData(0, 0, STRIPES, STRIPES));
}

/** Layers of areas coloured by the class of a quantity, from below: fill, stripes where it is unknown, outline. */
export function stepLayers(id: string, steps: readonly string[]): LayerSpecification[] {
  const colours = steps.flatMap((_, step) => [step, colour(`map-step-${step}`)]);
  const fill = ["match", ["get", "step"], ...colours, colour("map-unknown")] as unknown as ExpressionSpecification;
  return [
    { id: `${id}-fill`, type: "fill", source: id, filter: ["has", "step"], paint: { "fill-color": fill, "fill-opacity": STEP_OPACITY } },
    { id: `${id}-unknown`, type: "fill", source: id, filter: ["!", ["has", "step"]], paint: { "fill-pattern": UNKNOWN_PATTERN, "fill-opacity": STEP_OPACITY } },
    { id: `${id}-line`, type: "line", source: id, paint: { "line-color": colour("map-line"), "line-width": 0.8 } },
  ];
}

/** Layers of one source of areas and lines, from below: fill, casing, line, points, names. `id` is source and prefix of the layers. */
export function shapeLayers(id: string): LayerSpecification[] {
  const round = { "line-join": "round", "line-cap": "round" } as const;
  const line = ["==", ["geometry-type"], "LineString"] as unknown as ExpressionSpecification;
  return [
    {
      id: `${id}-fill`,
      type: "fill",
      source: id,
      filter: ["==", ["geometry-type"], "Polygon"],
      // The worst lies on top.
      layout: { "fill-sort-key": ["-", 0, ["to-number", ["get", "severity"], 9]] },
      paint: { "fill-color": toneExpression(), "fill-opacity": FILL_OPACITY },
    },
    {
      id: `${id}-casing`,
      type: "line",
      source: id,
      layout: round,
      paint: { "line-color": colour("text"), "line-width": ["case", line, 6, 3.2] },
    },
    {
      id: `${id}-line`,
      type: "line",
      source: id,
      layout: round,
      paint: { "line-color": toneExpression(), "line-width": ["case", line, 3.4, 1.4] },
    },
    {
      id: `${id}-points`,
      type: "circle",
      source: id,
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 5, "circle-color": toneExpression(), "circle-stroke-width": 1.6, "circle-stroke-color": colour("text") },
    },
    {
      id: `${id}-names`,
      type: "symbol",
      source: id,
      // What is told in several parts (`anchored`) has its name at its point, once.
      filter: ["any", ["!", ["has", "anchored"]], ["==", ["geometry-type"], "Point"]],
      layout: { "text-field": ["coalesce", ["get", "title"], ["get", "name"], ""], "text-font": ["sans-serif"], "text-size": 12, "text-max-width": 9 },
      paint: { "text-color": colour("map-label"), "text-halo-color": colour("map-halo"), "text-halo-width": 1.6 },
    },
  ];
}

/** Areas and lines of one source on a map that is loaded; with `steps` areas of a quantity. */
export class Shapes {
  /** Ids of its layers from below. */
  readonly layerIds: readonly string[];

  constructor(
    private readonly map: MapLibre,
    readonly id: string,
    private readonly steps: readonly string[] = [],
  ) {
    map.addSource(id, { type: "geojson", data: NO_SHAPES });
    if (steps.length > 0) addUnknownPattern(map);
    const layers = steps.length > 0 ? stepLayers(id, steps) : shapeLayers(id);
    // A quantity lies under the names of places, which say where it is.
    for (const layer of layers) map.addLayer(layer, steps.length > 0 ? FIRST_NAMES : undefined);
    this.layerIds = layers.map((layer) => layer.id);
  }

  /** Ids of the layers that answer to a click. */
  get clickable(): readonly string[] {
    return this.layerIds.filter((id) => /-(fill|unknown|casing|points)$/.test(id));
  }

  put(shapes: ShapeCollection): void {
    this.map.getSource<GeoJSONSource>(this.id)?.setData(shapes);
  }

  /** From 0 (not seen) to 1. */
  opacity(share: number): void {
    const fill = this.steps.length > 0 ? STEP_OPACITY : FILL_OPACITY;
    for (const id of this.layerIds) {
      if (/-(fill|unknown)$/.test(id)) this.map.setPaintProperty(id, "fill-opacity", fill * share);
      else if (/-(casing|line)$/.test(id)) this.map.setPaintProperty(id, "line-opacity", share);
      else if (id.endsWith("-points")) for (const part of ["circle-opacity", "circle-stroke-opacity"] as const) this.map.setPaintProperty(id, part, share);
      else this.map.setPaintProperty(id, "text-opacity", share);
    }
  }
}
