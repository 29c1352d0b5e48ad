/** The base map: own vector tiles, no glyph, sprite or tile server. Order: fills, lines, names; points come on top. */

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

import { colour, heatSteps, type MapConfig } from "./config";

export const PLACES = "places";
const LABEL_FONT = ["sans-serif"];
const SHOWN_FROM_ZOOM = { counties: 5.5, townships: 10.5 };

/** True for counties of which the user sees every alarm. */
function known(prefixes: readonly string[]): ExpressionSpecification {
  return ["any", ...prefixes.map((prefix) => ["==", ["slice", ["get", "code"], 0, prefix.length], prefix])] as unknown as ExpressionSpecification;
}

/** Fill of counties: by count where the figures are known, grey where they are not. */
export function countyFill(config: MapConfig, figures: "off" | "loaded" | "unknown"): ExpressionSpecification | string {
  if (figures === "off") return colour("map-land");
  if (figures === "unknown" || config.prefixes.length === 0) return colour("map-unknown");
  const steps = heatSteps().flatMap((step) => [step.from, step.colour]);
  return [
    "case",
    known(config.prefixes),
    ["step", ["coalesce", ["feature-state", "count"], 0], colour("map-land"), ...steps],
    colour("map-unknown"),
  ] as unknown as ExpressionSpecification;
}

function label(id: string, source: string, minzoom: number, maxzoom: number, size: number, bold = false): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: PLACES,
    "source-layer": source,
    minzoom,
    maxzoom,
    layout: {
      "text-field": ["get", "name"],
      "text-font": bold ? ["sans-serif bold"] : LABEL_FONT,
      "text-size": size,
      "text-padding": 6,
      "text-max-width": 8,
    },
    paint: { "text-color": colour("map-label"), "text-halo-color": colour("map-halo"), "text-halo-width": 1.4 },
  };
}

/** `scale` enlarges the names for a wall. */
export function baseStyle(config: MapConfig, scale = 1): StyleSpecification {
  const line = colour("map-line");
  return {
    version: 8,
    sources: {
      [PLACES]: {
        type: "vector",
        tiles: [new URL(config.tiles, location.origin).href.replaceAll("%7B", "{").replaceAll("%7D", "}")],
        minzoom: 0,
        maxzoom: 12,
        promoteId: { counties: "code" },
      },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": colour("map-water") } },
      { id: "provinces-fill", type: "fill", source: PLACES, "source-layer": "provinces", paint: { "fill-color": colour("map-land") } },
      {
        id: "counties-fill",
        type: "fill",
        source: PLACES,
        "source-layer": "counties",
        paint: { "fill-color": countyFill(config, config.counties ? "unknown" : "off"), "fill-antialias": false },
      },
      {
        id: "counties-line",
        type: "line",
        source: PLACES,
        "source-layer": "counties",
        minzoom: SHOWN_FROM_ZOOM.counties,
        paint: { "line-color": line, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.3, 10, 0.8], "line-opacity": 0.7 },
      },
      {
        id: "cities-line",
        type: "line",
        source: PLACES,
        "source-layer": "cities",
        paint: { "line-color": line, "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.4, 10, 1.4] },
      },
      {
        id: "sea-line",
        type: "line",
        source: PLACES,
        "source-layer": "lines",
        paint: { "line-color": line, "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.7, 10, 2.4] },
      },
      {
        id: "provinces-line",
        type: "line",
        source: PLACES,
        "source-layer": "provinces",
        paint: { "line-color": line, "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.7, 10, 2.4] },
      },
      {
        id: "county-picked",
        type: "line",
        source: PLACES,
        "source-layer": "counties",
        filter: ["==", ["get", "code"], ""],
        paint: { "line-color": colour("link"), "line-width": 2.5 },
      },
      {
        id: "townships",
        type: "circle",
        source: PLACES,
        "source-layer": "townships",
        minzoom: SHOWN_FROM_ZOOM.townships,
        paint: { "circle-radius": 2, "circle-color": line, "circle-opacity": 0.8 },
      },
      label("province-names", "province_labels", 2.8, 6.2, 13 * scale),
      label("city-names", "city_labels", 6.2, 7.7, 13 * scale),
      label("township-names", "townships", SHOWN_FROM_ZOOM.townships + 0.5, 24, 11 * scale),
      label("county-names", "county_labels", 7.7, 24, 13 * scale),
    ],
  };
}
