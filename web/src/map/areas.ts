/** Areas and lines on a map: filled by tone, outlined with a dark casing (orange and yellow never stand alone on white), named. */

import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from "maplibre-gl";

import { colour, type Tone, toneColour, TONES } from "./config";

export type ShapeProperties = { id?: string; title?: string; tone?: Tone; severity?: number; [key: string]: unknown };
export type ShapeFeature = Feature<Geometry, ShapeProperties>;
export type ShapeCollection = FeatureCollection<Geometry, ShapeProperties>;

export const NO_SHAPES: ShapeCollection = { type: "FeatureCollection", features: [] };
const FILL_OPACITY = 0.36;

/** The colour of a feature's `tone`; what has none or an unknown one is grey. */
export function toneExpression(): ExpressionSpecification {
  const pairs = TONES.flatMap((tone) => [tone, toneColour(tone)]);
  return ["match", ["coalesce", ["get", "tone"], "grey"], ...pairs, colour("unknown")] as unknown as ExpressionSpecification;
}

/** Layers of one source of areas and lines, from below: fill, casing, line, names. `id` is source and prefix of the layers. */
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
      id: `${id}-names`,
      type: "symbol",
      source: id,
      layout: { "text-field": ["coalesce", ["get", "title"], ["get", "name"], ""], "text-font": ["sans-serif"], "text-size": 12, "text-max-width": 9 },
      paint: { "text-color": colour("map-label"), "text-halo-color": colour("map-halo"), "text-halo-width": 1.6 },
    },
  ];
}

/** Areas and lines of one source on a map that is loaded. */
export class Shapes {
  constructor(
    private readonly map: MapLibre,
    readonly id: string,
    below?: string,
  ) {
    map.addSource(id, { type: "geojson", data: NO_SHAPES });
    for (const layer of shapeLayers(id)) map.addLayer(layer, below);
  }

  /** Ids of the layers that answer to a click. */
  get clickable(): readonly string[] {
    return [`${this.id}-fill`, `${this.id}-casing`];
  }

  put(shapes: ShapeCollection): void {
    this.map.getSource<GeoJSONSource>(this.id)?.setData(shapes);
  }

  /** From 0 (not seen) to 1. */
  opacity(share: number): void {
    this.map.setPaintProperty(`${this.id}-fill`, "fill-opacity", FILL_OPACITY * share);
    for (const part of ["casing", "line"]) this.map.setPaintProperty(`${this.id}-${part}`, "line-opacity", share);
    this.map.setPaintProperty(`${this.id}-names`, "text-opacity", share);
  }
}
