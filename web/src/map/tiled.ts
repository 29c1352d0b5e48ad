/** Points of a layer from the server's vector tiles: single ones where there are few, rings with counts where there are many. */

import maplibregl, { type Map as MapLibre, type Marker } from "maplibre-gl";

import type { Point } from "geojson";

import { say } from "../words";
import { type LayerConfig, TONES } from "./config";
import { ring } from "./marks";

const DEEPEST_ZOOM = 14;

export class Tiled {
  readonly id: string;
  private markers = new Map<string, Marker>();
  private share = 1;

  constructor(
    private readonly map: MapLibre,
    private readonly config: LayerConfig,
    private readonly wanted: () => boolean,
  ) {
    this.id = `tiles-${config.code}`;
    map.addSource(this.id, {
      type: "vector",
      tiles: [new URL(config.tiles, location.origin).href.replaceAll("%7B", "{").replaceAll("%7D", "}")],
      minzoom: 0,
      maxzoom: DEEPEST_ZOOM,
    });
    map.addLayer({
      id: this.id,
      type: "symbol",
      source: this.id,
      "source-layer": config.code,
      filter: ["!", ["has", "count"]],
      layout: {
        visibility: "none",
        "icon-image": ["concat", `${config.shape}-`, ["coalesce", ["get", "tone"], "plain"]],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
    map.on("render", () => this.drawRings());
  }

  show(on: boolean): void {
    this.map.setLayoutProperty(this.id, "visibility", on ? "visible" : "none");
    if (!on) this.drawRings();
  }

  opacity(share: number): void {
    this.share = share;
    for (const marker of this.markers.values()) marker.getElement().style.opacity = String(share);
  }

  private drawRings(): void {
    if (!this.wanted()) {
      for (const marker of this.markers.values()) marker.remove();
      this.markers.clear();
      return;
    }
    if (!this.map.isSourceLoaded(this.id)) return;
    // Only what is in view: the loaded tiles reach beyond it, and the tiles' grid leaves room for no more rings than can be read.
    const view = this.map.getBounds();
    const kept = new Map<string, Marker>();
    for (const feature of this.map.querySourceFeatures(this.id, { sourceLayer: this.config.code, filter: ["has", "count"] })) {
      const at = (feature.geometry as Point).coordinates as [number, number];
      const key = `${at[0].toFixed(4)},${at[1].toFixed(4)},${feature.properties["count"]}`;
      if (kept.has(key) || !view.contains(at)) continue;
      kept.set(key, this.markers.get(key) ?? this.newRing(feature.properties, at));
    }
    this.markers.forEach((marker, key) => {
      if (!kept.has(key)) marker.remove();
    });
    this.markers = kept;
  }

  private newRing(told: Readonly<Record<string, unknown>>, at: [number, number]): Marker {
    const counts = Object.fromEntries(TONES.map((tone) => [tone, Number(told[tone] ?? 0)]));
    const element = ring(counts, say("clusterOf", { count: Number(told["count"]), layer: this.config.label }));
    element.style.opacity = String(this.share);
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      this.map.easeTo({ center: at, zoom: this.map.getZoom() + 2 });
    });
    const marker = new maplibregl.Marker({ element }).setLngLat(at).addTo(this.map);
    for (const name of ["role", "tabindex", "aria-label"]) element.removeAttribute(name);
    element.setAttribute("aria-hidden", "true");
    return marker;
  }
}
