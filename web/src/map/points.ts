/** One layer of points: read for the view, clustered, each cluster a ring of counts per tone; counted by the server where there is much. */

import maplibregl, { type ExpressionSpecification, type GeoJSONSource, type Map as MapLibre, type Marker } from "maplibre-gl";

import type { Point } from "geojson";

import { say } from "../words";
import { type LayerConfig, TONES, toneColour, colour } from "./config";
import { MapLayer, NOTHING, type Answer, type LayerFeature } from "./layer";
import { ring } from "./marks";
import { Tiled } from "./tiled";

const toneOf: ExpressionSpecification = ["coalesce", ["get", "tone"], "plain"];

export class PointLayer extends MapLayer {
  private markers = new Map<number, Marker>();
  private readonly tiled: Tiled | undefined;

  constructor(map: MapLibre, config: LayerConfig, visible: boolean, changed: (layer: MapLayer) => void) {
    super(map, config, visible, changed);
    const counts = Object.fromEntries(TONES.map((tone) => [tone, ["+", ["case", ["==", toneOf, tone], 1, 0]]]));
    map.addSource(this.source, {
      type: "geojson",
      data: NOTHING,
      cluster: config.shape !== "arrow",
      clusterRadius: 38,
      clusterMaxZoom: 13,
      clusterProperties: counts as Record<string, ExpressionSpecification>,
    });
    if (config.shape === "arrow") this.addCalm();
    map.addLayer({
      id: this.source,
      type: "symbol",
      source: this.source,
      filter: config.shape === "arrow" ? ["has", "rotate"] : ["!", ["has", "point_count"]],
      layout: {
        "icon-image": ["concat", `${config.shape}-`, toneOf],
        "icon-rotate": ["to-number", ["get", "rotate"], 0],
        "icon-rotation-alignment": config.shape === "arrow" ? "map" : "auto",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
    if (config.shape === "arrow") this.addNames();
    if (config.tiles) this.tiled = new Tiled(map, config, () => this.visible && this.tiling);
    map.on("render", () => this.drawRings());
  }

  get source(): string {
    return `points-${this.config.code}`;
  }

  override get layerIds(): readonly string[] {
    const own = this.config.shape === "arrow" ? [`${this.source}-calm`, this.source, `${this.source}-names`] : [this.source];
    return this.tiled ? [...own, this.tiled.id] : own;
  }

  override get clickable(): readonly string[] {
    return this.layerIds;
  }

  /** Counted by the server: more lies in view than is told one by one, and it is the present that is asked for. */
  get tiling(): boolean {
    return this.tiled !== undefined && this.truncated && this.moment === undefined;
  }

  override paintOpacity(share: number): void {
    for (const id of this.layerIds) {
      if (!this.map.getLayer(id)) continue;
      if (id.endsWith("-calm")) this.map.setPaintProperty(id, "circle-opacity", share);
      else if (id.endsWith("-names")) this.map.setPaintProperty(id, "text-opacity", share);
      else this.map.setPaintProperty(id, "icon-opacity", share);
    }
    for (const marker of this.markers.values()) marker.getElement().style.opacity = String(share);
    this.tiled?.opacity(share);
  }

  protected override put(answer: Answer): void {
    this.map.getSource<GeoJSONSource>(this.source)?.setData(this.tiling ? NOTHING : answer);
    this.tiled?.show(this.visible && this.tiling);
  }

  /** Where no direction is told, an arrow would tell one: a circle stands there. */
  private addCalm(): void {
    this.map.addLayer({
      id: `${this.source}-calm`,
      type: "circle",
      source: this.source,
      filter: ["!", ["has", "rotate"]],
      paint: { "circle-radius": 5, "circle-color": colour("surface"), "circle-stroke-width": 2, "circle-stroke-color": toneColour("plain") },
    });
  }

  private addNames(): void {
    this.map.addLayer({
      id: `${this.source}-names`,
      type: "symbol",
      source: this.source,
      minzoom: 9,
      layout: { "text-field": ["coalesce", ["get", "label"], ""], "text-font": ["sans-serif"], "text-size": 11, "text-offset": [0, 1.4] },
      paint: { "text-color": colour("map-label"), "text-halo-color": colour("map-halo"), "text-halo-width": 1.4 },
    });
  }

  private drawRings(): void {
    if (!this.map.isSourceLoaded(this.source)) return;
    const wanted = new Map<number, Marker>();
    for (const feature of this.visible ? this.map.querySourceFeatures(this.source) : []) {
      if (!feature.properties["cluster"]) continue;
      const id = feature.properties["cluster_id"] as number;
      if (wanted.has(id)) continue;
      wanted.set(id, this.markers.get(id) ?? this.newRing(feature as unknown as LayerFeature, id));
    }
    this.markers.forEach((marker, id) => {
      if (wanted.get(id) !== marker) marker.remove();
    });
    this.markers = wanted;
  }

  private newRing(feature: LayerFeature, id: number): Marker {
    const counts = Object.fromEntries(TONES.map((tone) => [tone, Number(feature.properties[tone] ?? 0)]));
    const title = say("clusterOf", { count: Number(feature.properties["point_count"]), layer: this.config.label });
    const element = ring(counts, title);
    const at = (feature.geometry as Point).coordinates as [number, number];
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      void this.map
        .getSource<GeoJSONSource>(this.source)
        ?.getClusterExpansionZoom(id)
        .then((zoom) => this.map.easeTo({ center: at, zoom: zoom + 0.3 }));
    });
    const marker = new maplibregl.Marker({ element }).setLngLat(at).addTo(this.map);
    element.style.opacity = String(this.share);
    for (const name of ["role", "tabindex", "aria-label"]) element.removeAttribute(name);
    element.setAttribute("aria-hidden", "true");
    return marker;
  }
}
