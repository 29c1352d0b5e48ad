/** Draws the board on the map: areas, lines with their dashes, heads of arrows, points, symbols, names. */

import type { FeatureCollection } from "geojson";
import type { FilterSpecification, GeoJSONSource, Map as MapLibre } from "maplibre-gl";

import { colour } from "../map/config";
import type { Drawn } from "./board";
import type { PlotConfig, Symbol, Tone } from "./config";
import { bearing, shapeOf } from "./geometry";

const SOURCE = "plot";
const ICON_PX = 36;
const RATIO = 2;
const DASHES = { solid: undefined, dashed: [3, 2], dotted: [0.2, 1.8] } as const;
/** Layers in which an object can be picked, the topmost first. */
export const PICKABLE = ["plot-symbols", "plot-texts", "plot-points", "plot-names", "plot-line-solid", "plot-line-dashed", "plot-line-dotted", "plot-areas"] as const;

export function toneColour(tone: Tone | undefined): string {
  return colour(`plot-${tone ?? "neutral"}`);
}

/** A symbol in its tone: white behind, so that it is read over any ground. */
function symbolImage(symbol: Symbol, tone: Tone): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = ICON_PX * RATIO;
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  const scale = (ICON_PX * RATIO) / 27;
  draw.setTransform(scale, 0, 0, scale, 1.5 * scale, 1.5 * scale);
  draw.lineJoin = draw.lineCap = "round";
  const [outline, lines] = [new Path2D(symbol.outline), new Path2D(symbol.lines)];
  draw.strokeStyle = colour("map-halo");
  draw.lineWidth = 4.5;
  draw.stroke(outline);
  draw.stroke(lines);
  draw.fillStyle = colour("surface");
  draw.fill(outline);
  draw.globalAlpha = 0.18;
  draw.fillStyle = toneColour(tone);
  draw.fill(outline);
  draw.globalAlpha = 1;
  draw.strokeStyle = toneColour(tone);
  draw.lineWidth = 1.9;
  draw.stroke(outline);
  draw.stroke(lines);
  return draw.getImageData(0, 0, canvas.width, canvas.height);
}

function arrowHead(tone: Tone): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 20 * RATIO;
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  draw.scale(RATIO, RATIO);
  draw.fillStyle = toneColour(tone);
  draw.beginPath();
  draw.moveTo(10, 1);
  draw.lineTo(18, 17);
  draw.lineTo(10, 13);
  draw.lineTo(2, 17);
  draw.closePath();
  draw.fill();
  return draw.getImageData(0, 0, canvas.width, canvas.height);
}

/** The board as features for the map; `waiting` marks what the node has not acknowledged. */
export function featuresOf(objects: readonly Drawn[], config: PlotConfig): FeatureCollection {
  const names = new Map(config.symbols.map((symbol) => [symbol.code, symbol.name]));
  const features: FeatureCollection["features"] = [];
  for (const drawn of objects) {
    const { kind, tone = "neutral", title = "", fill = "none", dash = "solid", symbol = "", turn = 0 } = drawn.fields;
    const geometry = shapeOf(drawn);
    const label = title || (kind === "symbol" ? (names.get(symbol) ?? "") : "");
    const properties = { object: drawn.id, kind, tone, label, fill, dash, symbol, turn };
    features.push({ type: "Feature", geometry, properties });
    if (kind === "arrow" && geometry.type === "LineString" && geometry.coordinates.length > 1) {
      const [before, end] = geometry.coordinates.slice(-2) as [number[], number[]];
      features.push({ type: "Feature", geometry: { type: "Point", coordinates: end }, properties: { ...properties, label: "", head: true, turn: bearing(before, end) } });
    }
  }
  return { type: "FeatureCollection", features };
}

export class Paint {
  private readonly symbols: ReadonlyMap<string, Symbol>;

  constructor(
    private readonly map: MapLibre,
    private readonly config: PlotConfig,
  ) {
    this.symbols = new Map(config.symbols.map((symbol) => [symbol.code, symbol]));
    map.on("styleimagemissing", ({ id }) => this.addImage(id));
    map.addSource(SOURCE, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    this.addLayers();
  }

  private addImage(id: string): void {
    const [what, tone, code = ""] = id.split("|") as [string, Tone, string];
    if (this.map.hasImage(id)) return;
    const symbol = this.symbols.get(code);
    if (what === "symbol" && symbol) this.map.addImage(id, symbolImage(symbol, tone), { pixelRatio: RATIO });
    else if (what === "head") this.map.addImage(id, arrowHead(tone), { pixelRatio: RATIO });
  }

  private addLayers(): void {
    const { map } = this;
    const tone = ["match", ["get", "tone"], "own", toneColour("own"), "hazard", toneColour("hazard"), toneColour("neutral")] as unknown as string;
    const areas: FilterSpecification = ["==", ["geometry-type"], "Polygon"];
    map.addLayer({
      id: "plot-areas",
      type: "fill",
      source: SOURCE,
      filter: areas,
      // Unfilled areas keep a trace of fill, so that they can be picked inside.
      paint: { "fill-color": tone, "fill-opacity": ["case", ["==", ["get", "fill"], "light"], 0.22, 0.02], "fill-antialias": false },
    });
    for (const [dash, pattern] of Object.entries(DASHES)) {
      map.addLayer({
        id: `plot-line-${dash}`,
        type: "line",
        source: SOURCE,
        filter: ["all", ["!=", ["geometry-type"], "Point"], ["==", ["get", "dash"], dash]],
        layout: { "line-cap": dash === "dotted" ? "round" : "butt", "line-join": "round" },
        paint: { "line-color": tone, "line-width": 3, ...(pattern ? { "line-dasharray": [...pattern] } : {}) },
      });
    }
    map.addLayer({
      id: "plot-heads",
      type: "symbol",
      source: SOURCE,
      filter: ["==", ["get", "head"], true],
      layout: {
        "icon-image": ["concat", "head|", ["get", "tone"]],
        "icon-rotate": ["get", "turn"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
    map.addLayer({
      id: "plot-points",
      type: "circle",
      source: SOURCE,
      filter: ["==", ["get", "kind"], "point"],
      paint: { "circle-radius": 7, "circle-color": tone, "circle-stroke-color": colour("map-halo"), "circle-stroke-width": 2 },
    });
    map.addLayer({
      id: "plot-symbols",
      type: "symbol",
      source: SOURCE,
      filter: ["==", ["get", "kind"], "symbol"],
      layout: {
        "icon-image": ["concat", "symbol|", ["get", "tone"], "|", ["get", "symbol"]],
        "icon-rotate": ["get", "turn"],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
    const words = { "text-field": ["get", "label"], "text-font": ["sans-serif"] } as const;
    const ink = { "text-color": tone, "text-halo-color": colour("map-halo"), "text-halo-width": 2 };
    // Names give way where they would cover each other; a text that somebody wrote on the map never does.
    map.addLayer({
      id: "plot-names",
      type: "symbol",
      source: SOURCE,
      filter: ["all", ["!=", ["get", "label"], ""], ["!=", ["get", "kind"], "text"]],
      layout: {
        ...(words as object),
        "text-size": 13,
        "text-variable-anchor": ["top", "bottom", "left", "right"],
        "text-radial-offset": ["case", ["==", ["get", "kind"], "symbol"], 1.5, ["==", ["get", "kind"], "point"], 0.8, 0.3],
        "text-justify": "auto",
        "text-max-width": 10,
      },
      paint: ink,
    });
    map.addLayer({
      id: "plot-texts",
      type: "symbol",
      source: SOURCE,
      filter: ["==", ["get", "kind"], "text"],
      layout: { ...(words as object), "text-size": 16, "text-allow-overlap": true, "text-ignore-placement": true, "text-max-width": 12 },
      paint: ink,
    });
    map.addLayer({
      id: "plot-picked",
      type: "circle",
      source: SOURCE,
      filter: ["==", ["get", "object"], ""],
      paint: { "circle-radius": 22, "circle-opacity": 0, "circle-stroke-color": colour("focus"), "circle-stroke-width": 3 },
    });
  }

  show(objects: readonly Drawn[]): void {
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData(featuresOf(objects, this.config));
  }

  /** Ring the picked object, where it is a point. */
  pick(id: string | undefined): void {
    this.map.setFilter("plot-picked", ["all", ["==", ["get", "object"], id ?? ""], ["==", ["geometry-type"], "Point"]]);
  }

  /** The topmost object near a place on the canvas; a finger is wide. */
  at(x: number, y: number, reach = 8): string | undefined {
    const found = this.map.queryRenderedFeatures(
      [
        [x - reach, y - reach],
        [x + reach, y + reach],
      ],
      { layers: [...PICKABLE] },
    );
    return found[0]?.properties["object"] as string | undefined;
  }
}
