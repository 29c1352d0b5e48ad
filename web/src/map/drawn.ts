/** What somebody drew or entered: positions, a named place, a radius around them; as text for the address and as GeoJSON. */

import type { Geometry, Position } from "geojson";

export type Drawn =
  | { readonly kind: "point" | "line" | "area"; readonly positions: readonly Position[]; readonly radius: number }
  | { readonly kind: "place"; readonly place: string; readonly radius: number };

const LETTERS = { point: "p", line: "l", area: "a", place: "x" } as const;
const FEWEST = { point: 1, line: 2, area: 3 } as const;

/** `a:117.05,36.67;117.06,36.67;117.06,36.68` · `p:117.05,36.67~500` · `x:370102`. */
export function drawnText(drawn: Drawn): string {
  const where = drawn.kind === "place" ? drawn.place : drawn.positions.map((at) => at.map((degree) => Number(degree.toFixed(6))).join(",")).join(";");
  return `${LETTERS[drawn.kind]}:${where}${drawn.radius ? `~${drawn.radius}` : ""}`;
}

/** Back from `drawnText`; `undefined` for anything else. */
export function drawnFrom(text: string): Drawn | undefined {
  const [letter = "", rest = ""] = text.split(":");
  const [where = "", radius = "0"] = rest.split("~");
  const kind = (Object.keys(LETTERS) as (keyof typeof LETTERS)[]).find((each) => LETTERS[each] === letter);
  const wide = Number(radius);
  if (!kind || !Number.isFinite(wide) || wide < 0) return undefined;
  if (kind === "place") return /^\d{6}(\d{3})?$/.test(where) ? { kind, place: where, radius: wide } : undefined;
  const positions = positionsFrom(where);
  return positions && positions.length >= FEWEST[kind] ? { kind, positions, radius: wide } : undefined;
}

/** Positions from lines or `;` of `longitude,latitude`; `undefined` when one of them is none. */
export function positionsFrom(text: string): Position[] | undefined {
  const parts = text.split(/[;；\n]+/).map((part) => part.trim()).filter(Boolean);
  const found = parts.map((part) => part.split(/[,，\s]+/).map(Number));
  const good = found.every(([lon, lat, more]) => Math.abs(lon ?? Number.NaN) <= 180 && Math.abs(lat ?? Number.NaN) <= 85 && more === undefined);
  return good && found.length > 0 ? found : undefined;
}

/** The shape without its radius; `undefined` for a named place, whose outline only the server knows. */
export function geometryOf(drawn: Drawn): Geometry | undefined {
  if (drawn.kind === "place") return undefined;
  const positions = [...drawn.positions];
  if (drawn.kind === "point") return { type: "Point", coordinates: positions[0] as Position };
  if (drawn.kind === "line") return { type: "LineString", coordinates: positions };
  return { type: "Polygon", coordinates: [[...positions, positions[0] as Position]] };
}
