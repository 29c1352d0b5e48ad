/** Drawing with mouse, finger and pen; terra-draw is loaded when the first tool is taken. Everything can be entered in the form as well. */

import type { Position } from "geojson";
import type { Map as MapLibre } from "maplibre-gl";
import type { TerraDraw } from "terra-draw";

import { colour } from "./config";
import type { Drawn } from "./drawn";
import { box, distance } from "./geodesy";

export type DrawingKind = "point" | "line" | "area" | "rectangle" | "circle";

const MODES: Readonly<Record<DrawingKind, string>> = { point: "point", line: "linestring", area: "polygon", rectangle: "rectangle", circle: "circle" };

const DRAWING_CLASS = "map-drawing";
/** How long after the last stroke a click still belongs to it. */
const QUIET_MS = 350;

export class Drawing {
  private active = false;
  private quietUntil = 0;
  private draw: TerraDraw | undefined;
  private kind: DrawingKind = "line";

  constructor(
    private readonly map: MapLibre,
    private readonly finished: (drawn: Drawn) => void,
  ) {}

  /** A shape is being drawn or was just finished: the click that finishes it is no click on what lies there. */
  get busy(): boolean {
    return this.active || performance.now() < this.quietUntil;
  }

  /** Begin to draw; what was begun before is given up. */
  async take(kind: DrawingKind): Promise<void> {
    this.kind = kind;
    this.active = true;
    // Counts in rings lie over the map and would take the clicks.
    this.map.getContainer().classList.add(DRAWING_CLASS);
    this.draw ??= await this.load();
    this.draw.clear();
    this.draw.setMode(MODES[kind]);
    this.map.doubleClickZoom.disable();
  }

  /** Give up what was begun. */
  leave(): void {
    if (this.active) this.quietUntil = performance.now() + QUIET_MS;
    this.active = false;
    this.map.getContainer().classList.remove(DRAWING_CLASS);
    this.draw?.clear();
    this.draw?.setMode("off");
    this.map.doubleClickZoom.enable();
  }

  private async load(): Promise<TerraDraw> {
    const [tools, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import("terra-draw"), import("terra-draw-maplibre-gl-adapter")]);
    const accent = colour("focus") as `#${string}`;
    const styles = { fillColor: accent, fillOpacity: 0.12, outlineColor: accent, outlineWidth: 3 };
    const lines = { lineStringColor: accent, lineStringWidth: 3 };
    const draw = new tools.TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: this.map, coordinatePrecision: 7 }),
      modes: [
        new tools.TerraDrawRenderMode({ modeName: "off", styles: {} }),
        new tools.TerraDrawPointMode({ styles: { pointColor: accent, pointWidth: 7 } }),
        new tools.TerraDrawLineStringMode({ styles: lines, pointerDistance: 25 }),
        new tools.TerraDrawPolygonMode({ styles, pointerDistance: 25 }),
        new tools.TerraDrawRectangleMode({ styles }),
        new tools.TerraDrawCircleMode({ styles }),
      ],
    });
    draw.start();
    draw.setMode("off");
    draw.on("finish", (id) => {
      const shape = draw.getSnapshotFeature(id)?.geometry;
      if (!shape || !this.active) return;
      const drawn = this.drawn(shape.type, shape.coordinates as Position | Position[] | Position[][]);
      // The tool may only be put away when it has finished with its event.
      window.setTimeout(() => {
        this.leave();
        this.finished(drawn);
      });
    });
    return draw;
  }

  private drawn(type: string, coordinates: Position | Position[] | Position[][]): Drawn {
    if (type === "Point") return { kind: "point", positions: [coordinates as Position], radius: 0 };
    if (type === "LineString") return { kind: "line", positions: coordinates as Position[], radius: 0 };
    const ring = ((coordinates as Position[][])[0] ?? []).slice(0, -1);
    if (this.kind === "circle") {
      // A circle is kept as its middle and radius, so that the form and the address tell it as it was meant.
      const [west, south, east, north] = box({ type: "Polygon", coordinates: [ring] });
      const centre = [(west + east) / 2, (south + north) / 2];
      return { kind: "point", positions: [centre], radius: Math.max(1, Math.round(distance(centre, ring[0] ?? centre))) };
    }
    return { kind: "area", positions: ring, radius: 0 };
  }
}
