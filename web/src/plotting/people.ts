/** Who is at the board now, and where they point. Told every few seconds, forgotten when silent; never kept. */

import maplibregl, { type Map as MapLibre, type Marker } from "maplibre-gl";

import { UNATTENDED } from "../map/config";
import { type PlotConfig, token } from "./config";
import type { Presence } from "./link";

const BEAT_MS = 10_000;
const SILENT_MS = 35_000;
const CURSOR_MS = 1_000;

type Here = { presence: Presence; heard: number; marker?: Marker };

export class People {
  private readonly here = new Map<number, Here>();
  private readonly hand = crypto.getRandomValues(new Uint32Array(1))[0] as number;
  private cursor: [number, number] | null = null;
  private told = 0;
  private timer = 0;

  constructor(
    private readonly config: PlotConfig,
    private readonly place: HTMLElement | null,
    private map: MapLibre | undefined,
  ) {
    window.setInterval(() => this.beat(), BEAT_MS);
    window.addEventListener("pagehide", () => this.say(true));
    document.addEventListener("visibilitychange", () => this.beat());
    this.beat();
    this.show();
  }

  /** Follow the pointer on the map. */
  watch(map: MapLibre): void {
    this.map = map;
    map.on("mousemove", ({ lngLat }) => this.point([lngLat.lng, lngLat.lat]));
    map.on("mouseout", () => this.point(null));
  }

  private point(cursor: [number, number] | null): void {
    this.cursor = cursor;
    if (this.timer) return;
    this.timer = window.setTimeout(
      () => {
        this.timer = 0;
        this.say(false);
      },
      Math.max(0, this.told + CURSOR_MS - Date.now()),
    );
  }

  private beat(): void {
    const silent = Date.now() - SILENT_MS;
    this.here.forEach((each, hand) => {
      if (each.heard < silent) this.leave(hand);
    });
    this.show();
    if (!document.hidden && Date.now() - this.told >= BEAT_MS / 2) this.say(false);
  }

  private say(leaving: boolean): void {
    this.told = Date.now();
    const body = JSON.stringify({ hand: this.hand, cursor: document.hidden ? null : this.cursor, leaving });
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token(), ...UNATTENDED };
    // A beat that is lost is followed by the next one.
    void fetch(this.config.urls.presence, { method: "POST", headers, body, keepalive: leaving }).catch(() => undefined);
  }

  hear(presence: Presence): void {
    if (presence.hand === this.hand) return;
    if (presence.leaving) this.leave(presence.hand);
    else {
      const known = this.here.get(presence.hand);
      // Somebody new is told at once that we are here, not only at the next beat.
      if (!known) window.setTimeout(() => this.say(false), Math.random() * CURSOR_MS);
      const each: Here = { ...(known?.marker ? { marker: known.marker } : {}), presence, heard: Date.now() };
      this.here.set(presence.hand, each);
      this.drawCursor(each);
    }
    this.show();
  }

  private leave(hand: number): void {
    this.here.get(hand)?.marker?.remove();
    this.here.delete(hand);
  }

  private drawCursor(each: Here): void {
    if (!this.map) return;
    const { cursor, name } = each.presence;
    if (!cursor) {
      each.marker?.remove();
      delete each.marker;
      return;
    }
    if (each.marker) {
      each.marker.setLngLat(cursor);
      return;
    }
    const element = document.createElement("div");
    element.className = "plot-cursor";
    element.textContent = name;
    each.marker = new maplibregl.Marker({ element, anchor: "top-left" }).setLngLat(cursor).addTo(this.map);
    for (const attribute of ["role", "tabindex", "aria-label"]) element.removeAttribute(attribute);
    element.setAttribute("aria-hidden", "true");
  }

  private show(): void {
    if (!this.place) return;
    const names = new Map<string, string>([[this.config.me.account, `${this.config.me.name} ${this.config.me.post}`]]);
    this.here.forEach(({ presence }) => names.set(presence.account, `${presence.name} ${presence.post}`));
    const chips = [...names].map(([account, name]) => {
      const chip = document.createElement("span");
      chip.className = account === this.config.me.account ? "chip plot-person plot-me" : "chip plot-person";
      chip.textContent = name;
      return chip;
    });
    this.place.replaceChildren(...chips);
  }
}
