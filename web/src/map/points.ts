/** One layer of points: read for the view, clustered, each cluster a ring of counts per tone. */

import maplibregl, { type ExpressionSpecification, type GeoJSONSource, type Map as MapLibre, type Marker } from "maplibre-gl";

import type { Feature, FeatureCollection, Point } from "geojson";

import { say } from "../words";
import { type LayerConfig, TONES, type Tone, UNATTENDED } from "./config";
import { ring } from "./marks";

export type PointFeature = Feature<Point, { id?: string; title?: string; tone?: Tone; [key: string]: unknown }>;
type Answer = FeatureCollection<Point, PointFeature["properties"]> & { truncated?: boolean };

const NOTHING: Answer = { type: "FeatureCollection", features: [] };

const toneOf: ExpressionSpecification = ["coalesce", ["get", "tone"], "plain"];

/** Name of an object; every layer says `title`, a resource may say `name`. */
export function titleOf(feature: PointFeature): string {
  return String(feature.properties.title ?? feature.properties["name"] ?? keyOf(feature));
}

export function keyOf(feature: PointFeature): string {
  return String(feature.properties.id ?? feature.id ?? "");
}

export class PointLayer {
  features: readonly PointFeature[] = [];
  truncated = false;
  readAt: Date | undefined;
  failed = false;
  private markers = new Map<number, Marker>();
  private reading: AbortController | undefined;

  constructor(
    private readonly map: MapLibre,
    readonly config: LayerConfig,
    public visible: boolean,
    private readonly changed: (layer: PointLayer) => void,
  ) {
    const counts = Object.fromEntries(TONES.map((tone) => [tone, ["+", ["case", ["==", toneOf, tone], 1, 0]]]));
    map.addSource(this.source, {
      type: "geojson",
      data: NOTHING,
      cluster: true,
      clusterRadius: 38,
      clusterMaxZoom: 13,
      clusterProperties: counts as Record<string, ExpressionSpecification>,
    });
    map.addLayer({
      id: this.source,
      type: "symbol",
      source: this.source,
      filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": ["concat", `${config.shape}-`, toneOf],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
    map.on("render", () => this.drawRings());
  }

  get source(): string {
    return `points-${this.config.code}`;
  }

  /** Switch the layer on or off; switched on it is read for the present view. */
  async show(on: boolean): Promise<void> {
    this.visible = on;
    if (on) return this.read();
    this.reading?.abort();
    this.put(NOTHING);
    this.changed(this);
  }

  /** Read the objects of the present view. A failure leaves the layer empty and says so, it never shows old objects as new. */
  async read(unattended = false): Promise<void> {
    if (!this.visible) return;
    this.reading?.abort();
    const reading = (this.reading = new AbortController());
    const bounds = this.map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((degree) => degree.toFixed(4));
    const mark = this.config.url.includes("?") ? "&" : "?";
    try {
      const answer = await fetch(`${this.config.url}${mark}bbox=${box.join(",")}`, {
        signal: reading.signal,
        headers: { Accept: "application/json", ...(unattended ? UNATTENDED : {}) },
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      this.put((await answer.json()) as Answer);
      this.readAt = new Date();
      this.failed = false;
    } catch (error) {
      if (reading.signal.aborted) return;
      console.warn(`layer ${this.config.code}`, error);
      this.put(NOTHING);
      this.failed = true;
    }
    this.changed(this);
  }

  private put(answer: Answer): void {
    this.features = answer.features;
    this.truncated = answer.truncated ?? false;
    this.map.getSource<GeoJSONSource>(this.source)?.setData(answer);
  }

  private drawRings(): void {
    if (!this.map.isSourceLoaded(this.source)) return;
    const wanted = new Map<number, Marker>();
    for (const feature of this.visible ? this.map.querySourceFeatures(this.source) : []) {
      if (!feature.properties["cluster"]) continue;
      const id = feature.properties["cluster_id"] as number;
      if (wanted.has(id)) continue;
      wanted.set(id, this.markers.get(id) ?? this.newRing(feature as unknown as PointFeature, id));
    }
    this.markers.forEach((marker, id) => {
      if (wanted.get(id) !== marker) marker.remove();
    });
    this.markers = wanted;
  }

  private newRing(feature: PointFeature, id: number): Marker {
    const counts = Object.fromEntries(TONES.map((tone) => [tone, Number(feature.properties[tone] ?? 0)]));
    const title = say("clusterOf", { count: Number(feature.properties["point_count"]), layer: this.config.label });
    const element = ring(counts, title);
    const at = feature.geometry.coordinates as [number, number];
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      void this.map
        .getSource<GeoJSONSource>(this.source)
        ?.getClusterExpansionZoom(id)
        .then((zoom) => this.map.easeTo({ center: at, zoom: zoom + 0.3 }));
    });
    const marker = new maplibregl.Marker({ element }).setLngLat(at).addTo(this.map);
    for (const name of ["role", "tabindex", "aria-label"]) element.removeAttribute(name);
    element.setAttribute("aria-hidden", "true");
    return marker;
  }
}
