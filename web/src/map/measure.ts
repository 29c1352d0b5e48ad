/** Lengths and areas in words and as a table. */

import type { Polygon } from "geojson";

import type { Drawn } from "./drawn";
import { area, distance, length } from "./geodesy";
import { newTable, row } from "./rows";
import { tell } from "./words";

export function lengthText(metres: number): string {
  return metres < 1000 ? tell("metres", { value: metres.toFixed(metres < 100 ? 1 : 0) }) : tell("kilometres", { value: (metres / 1000).toFixed(metres < 1e5 ? 2 : 0) });
}

export function areaText(square: number): string {
  return square < 1e5 ? tell("squareMetres", { value: square.toFixed(0) }) : tell("squareKilometres", { value: (square / 1e6).toFixed(square < 1e8 ? 3 : 0) });
}

/** The legs and the whole of a line, or perimeter and area of an area. */
export function measured(drawn: Drawn): HTMLTableElement | undefined {
  if (drawn.kind !== "line" && drawn.kind !== "area") return undefined;
  const table = newTable(tell("measured"), [tell("part"), tell("value")]);
  const { positions } = drawn;
  if (drawn.kind === "line") {
    if (positions.length > 2 && positions.length <= 20) {
      positions.slice(1).forEach((at, index) => row(table, [tell("leg", { number: index + 1 }), lengthText(distance(positions[index] ?? at, at))]));
    }
    row(table, [tell("length"), lengthText(length(positions))]);
    return table;
  }
  const ring = [...positions, positions[0] ?? []];
  const shape: Polygon = { type: "Polygon", coordinates: [ring] };
  row(table, [tell("perimeter"), lengthText(length(ring))]);
  row(table, [tell("area"), areaText(area(shape))]);
  return table;
}
