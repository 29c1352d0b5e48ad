/** Drawing and moving with mouse, finger and pen: terra-draw makes the geometry, the board keeps the object. */

import type { Feature, Position } from "geojson";
import type { Map as MapLibre } from "maplibre-gl";
import { TerraDraw, TerraDrawCircleMode, TerraDrawLineStringMode, TerraDrawPointMode, TerraDrawPolygonMode, TerraDrawRenderMode, TerraDrawSelectMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import { colour } from "../map/config";
import type { Drawn, Fields, Kind, Shape } from "./board";
import { bearing, distance, round } from "./geometry";

export type Tool = "select" | Kind;

const MODE_OF: Readonly<Record<Kind, string>> = {
  point: "point",
  symbol: "point",
  text: "point",
  line: "linestring",
  arrow: "linestring",
  area: "polygon",
  circle: "circle",
  sector: "circle",
};
const OF_SHAPE = { Point: "point", LineString: "linestring", Polygon: "polygon" } as const;
/** A sector opens so many degrees to either side of where it was drawn to; the form makes it exact. */
const HALF_SECTOR_DEG = 30;

function rounded(shape: Shape): Shape {
  const at = (each: Position): Position => [round(each[0] as number), round(each[1] as number)];
  if (shape.type === "Point") return { type: "Point", coordinates: at(shape.coordinates) };
  if (shape.type === "LineString") return { type: "LineString", coordinates: shape.coordinates.map(at) };
  return { type: "Polygon", coordinates: [(shape.coordinates[0] ?? []).map(at)] };
}

export class Tools {
  tool: Tool = "select";
  private readonly draw: TerraDraw;
  private edited: string | undefined;
  private centre: Position | undefined;
  private last: Position = [0, 0];

  constructor(
    map: MapLibre,
    private readonly made: (fields: Partial<Fields> & { kind: Kind; geometry: Shape }) => void,
    private readonly moved: (id: string, geometry: Shape) => void,
  ) {
    const accent = colour("focus") as `#${string}`;
    const styles = { pointColor: accent, pointWidth: 7, lineStringColor: accent, lineStringWidth: 3, fillColor: accent, fillOpacity: 0.15, outlineColor: accent, outlineWidth: 3 };
    const reach = { pointerDistance: 30 };
    const flags = { feature: { draggable: true, coordinates: { draggable: true, midpoints: true, deletable: true } } };
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 7 }),
      idStrategy: { isValidId: (id) => typeof id === "string" && id.length > 0, getId: () => crypto.randomUUID() },
      modes: [
        new TerraDrawRenderMode({ modeName: "off", styles: {} }),
        new TerraDrawPointMode({ styles }),
        new TerraDrawLineStringMode({ styles, ...reach }),
        new TerraDrawPolygonMode({ styles, ...reach }),
        new TerraDrawCircleMode({ styles }),
        new TerraDrawSelectMode({
          ...reach,
          keyEvents: { deselect: null, delete: null, rotate: null, scale: null },
          allowManualDeselection: false,
          allowManualSelection: false,
          styles: { selectedPointColor: accent, selectedLineStringColor: accent, selectedPolygonColor: accent, selectedPolygonOutlineColor: accent, selectionPointColor: accent, selectionPointWidth: 9, midPointColor: accent, midPointWidth: 6 },
          flags: { point: { feature: { draggable: true } }, linestring: flags, polygon: flags },
        }),
      ],
    });
    this.draw.start();
    this.draw.setMode("off");
    map.getCanvas().addEventListener("pointerdown", (event) => {
      const at = map.unproject([event.offsetX, event.offsetY]);
      this.last = [at.lng, at.lat];
    }, { capture: true });
    this.draw.on("change", (ids, type) => {
      if (type !== "create" || this.draw.getMode() !== "circle") return;
      const feature = this.draw.getSnapshotFeature(ids[0] as string);
      if (feature?.geometry.type === "Polygon") this.centre = [...this.last];
    });
    this.draw.on("finish", (id, context) => this.finished(id as string, context.action));
  }

  /** Take up a tool; whatever was begun with another is given up. */
  take(tool: Tool): void {
    this.tool = tool;
    this.release();
    this.draw.setMode(tool === "select" ? "off" : MODE_OF[tool]);
  }

  /** Whether a line or area is begun, so that it can be finished. */
  get begun(): boolean {
    return this.draw.getModeState() === "drawing";
  }

  /** As the Enter key does: a finger has none. */
  finish(map: MapLibre): void {
    for (const type of ["keydown", "keyup"]) map.getCanvas().dispatchEvent(new KeyboardEvent(type, { key: "Enter" }));
  }

  /** Let an object be moved and its corners be dragged. */
  edit(drawn: Drawn): void {
    this.release();
    const { geometry } = drawn.fields;
    const mode = OF_SHAPE[geometry.type];
    const feature = { type: "Feature", id: drawn.id, geometry, properties: { mode } } as Feature & { id: string; properties: { mode: string } };
    const [answer] = this.draw.addFeatures([feature as never]);
    if (!answer?.valid) return;
    this.draw.setMode("select");
    this.draw.selectFeature(drawn.id);
    this.edited = drawn.id;
  }

  /** Another post moved what is being edited here. */
  follow(drawn: Drawn | undefined): void {
    if (!this.edited) return;
    if (!drawn) return this.release();
    const here = this.draw.getSnapshotFeature(this.edited)?.geometry;
    if (here && JSON.stringify(rounded(here as Shape)) !== JSON.stringify(rounded(drawn.fields.geometry))) this.edit(drawn);
  }

  release(): void {
    this.edited = undefined;
    this.draw.setMode("off");
    this.draw.clear();
  }

  private finished(id: string, action: string): void {
    const feature = this.draw.getSnapshotFeature(id);
    if (!feature) return;
    if (this.edited === id) {
      this.moved(id, rounded(feature.geometry as Shape));
      return;
    }
    if (action !== "draw" || this.tool === "select") return;
    const kind = this.tool;
    let geometry = rounded(feature.geometry as Shape);
    let more: Partial<Fields> = {};
    if (kind === "circle" || kind === "sector") {
      const centre = this.centre ?? this.last;
      const edge = (feature.geometry as { coordinates: Position[][] }).coordinates[0]?.[0] ?? this.last;
      const radius = Math.min(100_000, Math.max(1, Math.round(distance(centre, edge))));
      geometry = { type: "Point", coordinates: [round(centre[0] as number), round(centre[1] as number)] };
      more = { radius };
      if (kind === "sector") {
        const middle = bearing(centre, this.last);
        more = { radius, from: Math.round(middle - HALF_SECTOR_DEG + 360) % 360, to: Math.round(middle + HALF_SECTOR_DEG) % 360 };
      }
    }
    // The library is still at work on this feature: it is taken away when it is done.
    window.setTimeout(() => this.made({ kind, geometry, ...more }), 0);
  }
}
