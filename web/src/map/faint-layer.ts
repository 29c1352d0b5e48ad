/** Lines from the node's own vector tiles as a faint drawing under all other layers: seen, not picked, not counted. */

import type { Map as MapLibre } from "maplibre-gl";

import { colour, type LayerConfig } from "./config";
import { MapLayer } from "./layer";

const DEEPEST_ZOOM = 14;
const OPACITY = 0.75;

export class FaintLayer extends MapLayer {
  private readonly id: string;

  constructor(map: MapLibre, config: LayerConfig, visible: boolean, changed: (layer: MapLayer) => void) {
    super(map, config, visible, changed);
    this.id = `faint-${config.code}`;
    this.addTiles();
  }

  /** It keeps its place under all others. */
  override get layerIds(): readonly string[] {
    return [];
  }

  override get clickable(): readonly string[] {
    return [];
  }

  override show(on: boolean): Promise<void> {
    this.visible = on;
    this.map.setLayoutProperty(this.id, "visibility", on ? "visible" : "none");
    return this.read();
  }

  /** The tiles come by themselves; after an event (`unattended`) they are asked for anew. */
  override async read(unattended = false): Promise<void> {
    if (unattended) {
      this.map.removeLayer(this.id);
      this.map.removeSource(this.id);
      this.addTiles();
    }
    this.tooWide = this.visible && this.map.getZoom() < this.config.minzoom;
    this.changed(this);
  }

  protected override put(): void {}

  protected override paintOpacity(share: number): void {
    this.map.setPaintProperty(this.id, "line-opacity", OPACITY * share);
  }

  private addTiles(): void {
    this.map.addSource(this.id, {
      type: "vector",
      tiles: [new URL(this.config.tiles, location.origin).href.replaceAll("%7B", "{").replaceAll("%7D", "}")],
      minzoom: this.config.minzoom,
      maxzoom: DEEPEST_ZOOM,
    });
    const width = (main: number, other: number): unknown => ["case", ["get", "main"], main, other];
    this.map.addLayer(
      {
        id: this.id,
        type: "line",
        source: this.id,
        "source-layer": this.config.code,
        minzoom: this.config.minzoom,
        layout: { visibility: this.visible ? "visible" : "none", "line-join": "round", "line-cap": "round" },
        paint: {
          "line-color": colour("map-road"),
          "line-opacity": OPACITY * this.share,
          "line-width": ["interpolate", ["linear"], ["zoom"], 9, width(0.6, 0.3), 14, width(2.6, 1.1), 17, width(6, 3)] as never,
        },
      },
      "county-picked",
    );
  }
}
