/** The same objects as a table, for the keyboard, for screen readers, and where the browser cannot draw the map. */

import { say } from "../words";
import type { CountyFigures } from "./counties";
import { keyOf, type PointFeature, type PointLayer, titleOf } from "./points";

const ROWS_AT_MOST = 300;

export type Choose = (layer: string, key: string, at?: [number, number]) => void;

function cell(row: HTMLTableRowElement, content: string | Node, label: string): void {
  const td = row.insertCell();
  td.dataset["label"] = label;
  td.append(content);
}

function button(text: string, onClick: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn btn-quiet btn-small";
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
}

function newTable(caption: string, heads: readonly string[]): HTMLTableElement {
  const table = document.createElement("table");
  table.className = "table table-cards";
  table.createCaption().textContent = caption;
  const row = table.createTHead().insertRow();
  for (const head of heads) {
    const th = document.createElement("th");
    th.scope = "col";
    th.textContent = head;
    row.append(th);
  }
  table.createTBody();
  return table;
}

function countyTable(figures: Readonly<Record<string, CountyFigures>>, choose: Choose): HTMLTableElement {
  const levels = ["1", "2", "3", "4"] as const;
  const heads = [say("county"), say("level1"), say("level2"), say("level3"), say("level4")];
  const table = newTable(say("countiesWithAlarms", { count: Object.keys(figures).length }), heads);
  for (const [code, county] of Object.entries(figures).sort(([a], [b]) => a.localeCompare(b))) {
    const row = (table.tBodies[0] as HTMLTableSectionElement).insertRow();
    cell(row, button(county.name, () => choose("counties", code)), say("county"));
    levels.forEach((level, index) => cell(row, String(county.levels[level] ?? 0), heads[index + 1] as string));
  }
  return table;
}

function pointTable(layer: PointLayer, choose: Choose): HTMLTableElement {
  const { label, code } = layer.config;
  const shown = layer.features.slice(0, ROWS_AT_MOST);
  const key = shown.length < layer.features.length || layer.truncated ? "layerRowsCut" : "layerRows";
  const table = newTable(say(key, { layer: label, shown: shown.length }), [say("objectName"), say("coordinates")]);
  for (const feature of shown as PointFeature[]) {
    const at = feature.geometry.coordinates as [number, number];
    const row = (table.tBodies[0] as HTMLTableSectionElement).insertRow();
    cell(row, button(titleOf(feature), () => choose(code, keyOf(feature), at)), say("objectName"));
    cell(row, `${at[0].toFixed(4)}, ${at[1].toFixed(4)}`, say("coordinates"));
  }
  return table;
}

export function drawTable(
  place: HTMLElement,
  counties: Readonly<Record<string, CountyFigures>> | undefined,
  layers: Iterable<PointLayer>,
  choose: Choose,
): void {
  const parts: Node[] = [];
  if (counties) parts.push(countyTable(counties, choose));
  for (const layer of layers) if (layer.visible) parts.push(pointTable(layer, choose));
  if (parts.length === 0) parts.push(Object.assign(document.createElement("p"), { className: "empty", textContent: say("noLayers") }));
  place.replaceChildren(...parts);
}
