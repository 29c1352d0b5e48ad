/** Circles, sectors, bearings and coordinates as text; on a sphere of mean radius, as the server reckons. */

import type { Position } from "geojson";

import type { Drawn, Kind, Shape } from "./board";
import { tell } from "./words";

const EARTH_M = 6_371_008.8;
const CORNERS = 64;
const RAD = Math.PI / 180;

export function round(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7;
}

export function destination(start: Position, bearing: number, metres: number): Position {
  const [longitude, latitude] = [(start[0] as number) * RAD, (start[1] as number) * RAD];
  const angle = metres / EARTH_M;
  const to = Math.asin(Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(bearing * RAD));
  const east = Math.atan2(Math.sin(bearing * RAD) * Math.sin(angle) * Math.cos(latitude), Math.cos(angle) - Math.sin(latitude) * Math.sin(to));
  return [round((longitude + east) / RAD), round(to / RAD)];
}

export function distance(a: Position, b: Position): number {
  const [lat1, lat2] = [(a[1] as number) * RAD, (b[1] as number) * RAD];
  const lat = (lat2 - lat1) / 2;
  const lon = (((b[0] as number) - (a[0] as number)) * RAD) / 2;
  const chord = Math.sin(lat) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(lon) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/** Degrees clockwise from north. */
export function bearing(a: Position, b: Position): number {
  const [lat1, lat2] = [(a[1] as number) * RAD, (b[1] as number) * RAD];
  const lon = ((b[0] as number) - (a[0] as number)) * RAD;
  const y = Math.sin(lon) * Math.cos(lat2);
  const x = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(lon);
  return (Math.atan2(y, x) / RAD + 360) % 360;
}

function ring(centre: Position, radius: number, from: number, to: number): Position[] {
  const width = (((to - from) % 360) + 360) % 360;
  const whole = width === 0;
  const span = whole ? 360 : width;
  const steps = Math.max(2, Math.round((CORNERS * span) / 360));
  const arc = Array.from({ length: steps + 1 }, (_, step) => destination(centre, to - (span * step) / steps, radius));
  return whole ? arc : [centre, ...arc, centre];
}

/** The object as it is to be drawn: circles and sectors are areas. */
export function shapeOf(drawn: Drawn): Shape {
  const { kind, geometry, radius, from, to } = drawn.fields;
  if (geometry.type !== "Point" || (kind !== "circle" && kind !== "sector")) return geometry;
  const edges = kind === "circle" ? ([0, 0] as const) : ([from ?? 0, to ?? 0] as const);
  return { type: "Polygon", coordinates: [ring(geometry.coordinates, radius ?? 1, edges[0], edges[1])] };
}

export function positionsOf(shape: Shape): Position[] {
  if (shape.type === "Point") return [shape.coordinates];
  return shape.type === "LineString" ? shape.coordinates : (shape.coordinates[0] ?? []);
}

export function centreOf(drawn: Drawn): Position {
  const positions = positionsOf(shapeOf(drawn));
  const sum = positions.reduce((total, each) => [(total[0] as number) + (each[0] as number), (total[1] as number) + (each[1] as number)], [0, 0]);
  return [(sum[0] as number) / positions.length, (sum[1] as number) / positions.length];
}

/** One line per corner, `longitude,latitude`; the closing corner of an area is left out. */
export function coordinatesText(shape: Shape): string {
  const positions = positionsOf(shape);
  const shown = shape.type === "Polygon" ? positions.slice(0, -1) : positions;
  return shown.map((each) => `${(each[0] as number).toFixed(6)},${(each[1] as number).toFixed(6)}`).join("\n");
}

/** A shape from lines of text. Throws an `Error` whose message tells what to put right. */
export function shapeFrom(kind: Kind, text: string): Shape {
  const lines = text
    .split(/\n+/)
    .map((line) => line.trim())
    .filter(Boolean);
  const positions = lines.map((line, at) => {
    const numbers = line.split(/[\s,\uff0c\u3001]+/).map(Number);
    const [longitude, latitude] = numbers;
    const good = numbers.length === 2 && numbers.every(Number.isFinite) && Math.abs(longitude as number) <= 180 && Math.abs(latitude as number) <= 90;
    if (!good) throw new Error(tell("coordinatesWrong", { line: at + 1, text: line }));
    return [round(longitude as number), round(latitude as number)];
  });
  const least = kind === "area" ? 3 : kind === "line" || kind === "arrow" ? 2 : 1;
  if (positions.length < least) throw new Error(tell("coordinatesFew", { least }));
  if (kind === "area") return { type: "Polygon", coordinates: [[...positions, positions[0] as Position]] };
  if (least === 2) return { type: "LineString", coordinates: positions };
  if (positions.length > 1) throw new Error(tell("coordinatesMany"));
  return { type: "Point", coordinates: positions[0] as Position };
}
