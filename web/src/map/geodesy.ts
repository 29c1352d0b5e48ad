/** Lengths, areas and buffers on the sphere of mean radius: within 0.5 % of the ellipsoid, which is finer than what is measured by hand. */

import type { Geometry, MultiPolygon, Polygon, Position } from "geojson";

/** Mean radius R1 in metres (IUGG), as the server reckons. */
export const EARTH_RADIUS_M = 6_371_008.8;
const RADIAN = Math.PI / 180;
/** Corners a circle is drawn with. */
const CORNERS = 64;

/** Great-circle distance of two positions in metres. */
export function distance(a: Position, b: Position): number {
  const [lonA, latA, lonB, latB] = [a[0], a[1], b[0], b[1]].map((degree) => (degree as number) * RADIAN) as [number, number, number, number];
  const half = Math.sin((latB - latA) / 2) ** 2 + Math.cos(latA) * Math.cos(latB) * Math.sin((lonB - lonA) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Length of a line in metres. */
export function length(line: readonly Position[]): number {
  return line.slice(1).reduce((sum, position, index) => sum + distance(line[index] as Position, position), 0);
}

/** Area of a ring in square metres (R. G. Chamberlain, W. H. Duquette, JPL 2007, eq. 1). */
function ringArea(ring: readonly Position[]): number {
  let sum = 0;
  for (let index = 0; index < ring.length; index += 1) {
    const [lonA, latA] = ring[index] as [number, number];
    const [lonB, latB] = ring[(index + 1) % ring.length] as [number, number];
    sum += (lonB - lonA) * RADIAN * (2 + Math.sin(latA * RADIAN) + Math.sin(latB * RADIAN));
  }
  return Math.abs((sum * EARTH_RADIUS_M ** 2) / 2);
}

/** Area in square metres, holes taken off. */
export function area(shape: Polygon | MultiPolygon): number {
  const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return parts.reduce((sum, rings) => sum + rings.reduce((inner, ring, index) => inner + (index === 0 ? 1 : -1) * ringArea(ring), 0), 0);
}

/** The position `metres` away in direction `bearing` (degrees from north, clockwise). */
export function away(from: Position, bearing: number, metres: number): [number, number] {
  const [lon, lat] = [(from[0] as number) * RADIAN, (from[1] as number) * RADIAN];
  const [turn, arc] = [bearing * RADIAN, metres / EARTH_RADIUS_M];
  const to = Math.asin(Math.sin(lat) * Math.cos(arc) + Math.cos(lat) * Math.sin(arc) * Math.cos(turn));
  const along = Math.atan2(Math.sin(turn) * Math.sin(arc) * Math.cos(lat), Math.cos(arc) - Math.sin(lat) * Math.sin(to));
  return [(lon + along) / RADIAN, to / RADIAN];
}

/** A circle of `metres` around a position. */
export function circle(centre: Position, metres: number): Polygon {
  const ring = Array.from({ length: CORNERS }, (_, corner) => away(centre, (-360 * corner) / CORNERS, metres));
  return { type: "Polygon", coordinates: [[...ring, ring[0] as Position]] };
}

/** A rectangle by its sides in degrees. */
export function rectangle(west: number, south: number, east: number, north: number): Polygon {
  return { type: "Polygon", coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] };
}

/** All positions of a geometry, one after another. */
export function positions(shape: Geometry): Position[] {
  if (shape.type === "GeometryCollection") return shape.geometries.flatMap(positions);
  const nested = shape.coordinates as unknown[];
  const flat = (part: unknown[]): Position[] => (typeof part[0] === "number" ? [part as Position] : part.flatMap((each) => flat(each as unknown[])));
  return flat(nested);
}

/** West, south, east, north. */
export function box(shape: Geometry): [number, number, number, number] {
  const all = positions(shape);
  const [lons, lats] = [all.map((each) => each[0] as number), all.map((each) => each[1] as number)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

function inRing([x, y]: Position, ring: readonly Position[]): boolean {
  let inside = false;
  for (let index = 0, before = ring.length - 1; index < ring.length; before = index, index += 1) {
    const [xa, ya] = ring[index] as [number, number];
    const [xb, yb] = ring[before] as [number, number];
    if (ya > (y as number) !== yb > (y as number) && (x as number) < ((xb - xa) * ((y as number) - ya)) / (yb - ya) + xa) inside = !inside;
  }
  return inside;
}

/** Whether a position lies in an area (a hole is outside). */
export function contains(shape: Polygon | MultiPolygon, position: Position): boolean {
  const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return parts.some(([outer, ...holes]) => outer !== undefined && inRing(position, outer) && !holes.some((hole) => inRing(position, hole)));
}

function crossing(a: Position, b: Position, c: Position, d: Position): boolean {
  const side = (p: Position, q: Position, r: Position): number =>
    Math.sign(((q[0] as number) - (p[0] as number)) * ((r[1] as number) - (p[1] as number)) - ((q[1] as number) - (p[1] as number)) * ((r[0] as number) - (p[0] as number)));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

/** Lines and rings of a geometry. */
function lines(shape: Geometry): Position[][] {
  if (shape.type === "LineString") return [shape.coordinates];
  if (shape.type === "Polygon" || shape.type === "MultiLineString") return shape.coordinates;
  if (shape.type === "MultiPolygon") return shape.coordinates.flat();
  return [];
}

/** Whether something of `other` lies in `shape`: a corner of one in the other, or crossing edges. */
export function touches(shape: Polygon | MultiPolygon, other: Geometry): boolean {
  if (positions(other).some((position) => contains(shape, position))) return true;
  if ((other.type === "Polygon" || other.type === "MultiPolygon") && positions(shape).some((position) => contains(other, position))) return true;
  const edges = (line: Position[]): [Position, Position][] => line.slice(1).map((end, index) => [line[index] as Position, end]);
  return lines(shape).some((one) => lines(other).some((two) => edges(one).some(([a, b]) => edges(two).some(([c, d]) => crossing(a, b, c, d)))));
}
