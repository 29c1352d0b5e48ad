/** The same objects as a table, for the keyboard, for screen readers, and where the browser cannot draw the map. It follows the view. */

import { say } from "../words";
import type { CountyFigures } from "./counties";
import { positions } from "./geodesy";
import { keyOf, type LayerFeature, type MapLayer, titleOf } from "./layer";
import { button, newTable, row } from "./rows";
import { tell } from "./words";

const ROWS_AT_MOST = 300;

export type Choose = (layer: string, key: string, at?: [number, number]) => void;

/** How each table is sorted, kept while the view moves. */
const sortings = new Map<string, { column: number; down: boolean }>();

function countyTable(figures: Readonly<Record<string, CountyFigures>>, choose: Choose): HTMLTableElement {
  const levels = ["1", "2", "3", "4"] as const;
  const heads = [say("county"), say("level1"), say("level2"), say("level3"), say("level4")];
  const table = newTable(say("countiesWithAlarms", { count: Object.keys(figures).length }), heads);
  for (const [code, county] of Object.entries(figures).sort(([a], [b]) => a.localeCompare(b))) {
    row(table, [button(county.name, () => choose("counties", code)), ...levels.map((level) => String(county.levels[level] ?? 0))]);
  }
  return table;
}

/** What the tone of an object of a layer means, or what its quantity is, in words. */
export function toneText(layer: MapLayer, feature: LayerFeature): string {
  if (layer.config.steps.length > 0) return String(feature.properties["value"] ?? "");
  const tone = feature.properties.tone ?? "grey";
  return layer.config.tones[tone] ?? tell(`tone_${tone}`);
}

/** Where the view goes to when a row is chosen: a point, or the middle of what an area or line reaches over. */
export function placeOf(feature: LayerFeature): [number, number] {
  const all = positions(feature.geometry);
  const middle = (axis: 0 | 1): number => {
    const values = all.map((each) => each[axis] as number);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  return [middle(0), middle(1)];
}

function objectTable(layer: MapLayer, choose: Choose, redraw: () => void): HTMLTableElement {
  const { label, code } = layer.config;
  const heads = [say("objectName"), tell("state"), say("coordinates")];
  const sorted = sortings.get(code);
  const told = layer.features.map((feature) => {
    const at = placeOf(feature);
    return { feature, at, texts: [titleOf(feature), toneText(layer, feature), `${at[0].toFixed(4)}, ${at[1].toFixed(4)}`] };
  });
  if (sorted) {
    const { column, down } = sorted;
    told.sort((a, b) => (down ? -1 : 1) * (a.texts[column] as string).localeCompare(b.texts[column] as string, document.documentElement.lang));
  }
  const shown = told.slice(0, ROWS_AT_MOST);
  const caption = say(shown.length < told.length || layer.truncated ? "layerRowsCut" : "layerRows", { layer: label, shown: shown.length });
  const table = newTable(caption, heads, sorted, (column) => {
    sortings.set(code, { column, down: sorted?.column === column && !sorted.down });
    redraw();
  });
  for (const { feature, at, texts } of shown) {
    row(table, [button(texts[0] as string, () => choose(code, keyOf(feature), at)), texts[1] as string, texts[2] as string]);
  }
  return table;
}

export function drawTable(
  place: HTMLElement,
  counties: Readonly<Record<string, CountyFigures>> | undefined,
  layers: Iterable<MapLayer>,
  choose: Choose,
): void {
  const focused = document.activeElement?.closest("#map-table th button")?.textContent?.slice(0, 2);
  const redraw = (): void => drawTable(place, counties, layers, choose);
  const parts: Node[] = [];
  if (counties) parts.push(countyTable(counties, choose));
  for (const layer of layers) if (layer.visible && layer.config.url) parts.push(objectTable(layer, choose, redraw));
  if (parts.length === 0) parts.push(Object.assign(document.createElement("p"), { className: "empty", textContent: say("noLayers") }));
  place.replaceChildren(...parts);
  if (focused) [...place.querySelectorAll<HTMLButtonElement>("th button")].find((each) => each.textContent?.startsWith(focused))?.focus();
}
