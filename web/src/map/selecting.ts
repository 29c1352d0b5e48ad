/** What lies in an area: records are looked through by the server, other layers by what the map has read; told as tables with counts. */

import type { MultiPolygon, Polygon } from "geojson";

import { say } from "../words";
import { formToken } from "./config";
import { type Drawn, geometryOf } from "./drawn";
import { area, touches } from "./geodesy";
import { keyOf, type LayerFeature, type MapLayer, titleOf } from "./layer";
import { areaText } from "./measure";
import { refusedBy } from "./refused";
import { button, newTable, row } from "./rows";
import { type Choose, placeOf, toneText } from "./table";
import { tell } from "./words";

type Row = { id: string; title: string; tone: string; longitude: number; latitude: number; url: string };
type Found = { code: string; label: string; count: number; at_least: boolean; exportable: boolean; rows: readonly Row[] };
type Answer = { area: Polygon | MultiPolygon; layers: readonly Found[]; others: readonly string[] };

export type Selection = { readonly area: Polygon | MultiPolygon; readonly tables: readonly Node[]; readonly inside: ReadonlyMap<string, readonly LayerFeature[]> };

/** Ask the server for the area (with its buffer) and for the records in it. Throws `Refused` with a sentence to show. */
async function ask(drawn: Drawn, layers: readonly string[]): Promise<Answer> {
  const answer = await fetch("/map/select/", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": formToken() },
    body: JSON.stringify({ area: geometryOf(drawn) ?? null, radius: drawn.radius, place: drawn.kind === "place" ? drawn.place : "", layers }),
  });
  if (answer.ok) return (await answer.json()) as Answer;
  throw await refusedBy(answer);
}

export async function select(drawn: Drawn, layers: readonly MapLayer[], choose: Choose): Promise<Selection> {
  const on = layers.filter((layer) => layer.visible);
  const answer = await ask(drawn, on.map((layer) => layer.config.code));
  const inside = new Map<string, LayerFeature[]>();
  const tables: Node[] = [];
  let total = 0;
  let cut = answer.layers.some((found) => found.at_least);
  for (const found of answer.layers) {
    total += found.count;
    const layer = on.find((each) => each.config.code === found.code);
    if (layer && found.count > 0) tables.push(recordTable(found, layer, choose));
  }
  const failed: string[] = [];
  for (const layer of on.filter((each) => answer.others.includes(each.config.code))) {
    if (layer.failed) failed.push(layer.config.label);
    const hits = layer.features.filter((feature) => touches(answer.area, feature.geometry));
    total += hits.length;
    cut ||= layer.truncated;
    inside.set(layer.config.code, hits);
    if (hits.length > 0) tables.push(featureTable(hits, layer, choose));
  }
  const line = document.createElement("p");
  line.className = "map-tool-total";
  line.textContent = tell(cut ? "selectedAtLeast" : "selected", { count: total, area: areaText(area(answer.area)) });
  const notes = failed.length > 0 ? [paragraph("field-error", tell("failedLayers", { layers: failed.join("、") }))] : [];
  if (total === 0) notes.push(paragraph("empty", tell("nothingSelected")));
  return { area: answer.area, tables: [line, ...notes, ...tables], inside };
}

function paragraph(className: string, textContent: string): HTMLElement {
  return Object.assign(document.createElement("p"), { className, textContent });
}

function recordTable(found: Found, layer: MapLayer, choose: Choose): HTMLTableElement {
  const facts = { layer: found.label, count: `${found.count}${found.at_least ? "+" : ""}`, shown: found.rows.length };
  const table = newTable(tell(found.rows.length < found.count ? "layerCountCut" : "layerCount", facts), [say("objectName"), tell("state")]);
  for (const each of found.rows) {
    const feature = { properties: { tone: each.tone } } as LayerFeature;
    row(table, [button(each.title, () => choose(found.code, each.id, [each.longitude, each.latitude])), toneText(layer, feature)]);
  }
  return table;
}

function featureTable(hits: readonly LayerFeature[], layer: MapLayer, choose: Choose): HTMLTableElement {
  const facts = { layer: layer.config.label, count: hits.length };
  const table = newTable(tell(layer.truncated ? "inViewCut" : "inView", facts), [say("objectName"), tell("state")]);
  for (const feature of hits) row(table, [button(titleOf(feature), () => choose(layer.config.code, keyOf(feature), placeOf(feature))), toneText(layer, feature)]);
  return table;
}
