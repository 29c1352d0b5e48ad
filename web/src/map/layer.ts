/** What every layer has in common: it is read for the present view and moment, and says when it could not be. */

import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { Map as MapLibre } from "maplibre-gl";

import { type LayerConfig, type Tone, UNATTENDED } from "./config";

export type LayerProperties = { id?: string; title?: string; tone?: Tone; severity?: number; url?: string; exercise?: boolean; [key: string]: unknown };
export type LayerFeature = Feature<Geometry, LayerProperties>;
export type Answer = FeatureCollection<Geometry, LayerProperties> & {
  truncated?: boolean;
  /** Time of the data, where it is not the time of the answer. */
  at?: string | null;
  /** Times ahead for which there is something to show. */
  moments?: readonly string[];
};

export const NOTHING: Answer = { type: "FeatureCollection", features: [] };

/** Name of an object; every layer says `title`, a resource may say `name`. */
export function titleOf(feature: LayerFeature): string {
  return String(feature.properties.title ?? feature.properties["name"] ?? keyOf(feature));
}

export function keyOf(feature: LayerFeature): string {
  return String(feature.properties.id ?? feature.id ?? "");
}

export abstract class MapLayer {
  features: readonly LayerFeature[] = [];
  truncated = false;
  /** Time of what is shown. */
  readAt: Date | undefined;
  failed = false;
  /** The view is too wide for this layer. */
  tooWide = false;
  moments: readonly Date[] = [];
  /** The moment shown; `undefined` is now. A layer without times always shows the present. */
  moment: Date | undefined;
  share = 1;
  private reading: AbortController | undefined;

  constructor(
    protected readonly map: MapLibre,
    readonly config: LayerConfig,
    public visible: boolean,
    protected readonly changed: (layer: MapLayer) => void,
  ) {}

  /** Style layers from below. */
  abstract get layerIds(): readonly string[];
  /** Style layers whose features can be picked. */
  abstract get clickable(): readonly string[];
  protected abstract put(answer: Answer): void;
  protected abstract paintOpacity(share: number): void;

  opacity(share: number): void {
    this.share = share;
    this.paintOpacity(share);
  }

  /** Switch the layer on or off; switched on it is read for the present view. */
  async show(on: boolean): Promise<void> {
    this.visible = on;
    if (on) return this.read();
    this.reading?.abort();
    this.take(NOTHING);
    this.failed = false;
    this.changed(this);
  }

  /** Show another moment. Layers without times stay at the present. */
  async showAt(moment: Date | undefined): Promise<void> {
    if (!this.config.time) return;
    this.moment = moment;
    await this.read();
  }

  /** Read the objects of the present view. A failure leaves the layer empty and says so, it never shows old objects as new. */
  async read(unattended = false): Promise<void> {
    if (!this.visible) return;
    this.reading?.abort();
    this.tooWide = this.map.getZoom() < this.config.minzoom;
    if (this.tooWide) {
      this.take(NOTHING);
      this.changed(this);
      return;
    }
    const reading = (this.reading = new AbortController());
    try {
      const answer = await fetch(this.address(), {
        signal: reading.signal,
        headers: { Accept: "application/json", ...(unattended ? UNATTENDED : {}) },
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const told = (await answer.json()) as Answer;
      if (reading.signal.aborted) return;
      this.take(told);
      this.readAt = told.at ? new Date(told.at) : (this.moment ?? new Date());
      this.failed = false;
    } catch (error) {
      if (reading.signal.aborted) return;
      console.warn(`layer ${this.config.code}`, error);
      this.take(NOTHING);
      this.failed = true;
    }
    this.changed(this);
  }

  private address(): string {
    const bounds = this.map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((degree) => degree.toFixed(4));
    const mark = this.config.url.includes("?") ? "&" : "?";
    const at = this.moment ? `&at=${encodeURIComponent(this.moment.toISOString())}` : "";
    return `${this.config.url}${mark}bbox=${box.join(",")}${at}`;
  }

  private take(answer: Answer): void {
    this.features = answer.features;
    this.truncated = answer.truncated ?? false;
    if (answer.moments) this.moments = answer.moments.map((moment) => new Date(moment));
    this.put(answer);
  }
}
