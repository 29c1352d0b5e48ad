/** Centre, zoom, layers (in their order), the picked object, moment and chosen area live in the address, so that a view can be sent to a colleague. */

import { type Drawn, drawnFrom, drawnText } from "./drawn";

export type Pick = { readonly layer: string; readonly key: string };
export type View = {
  readonly centre?: [number, number] | undefined;
  readonly zoom?: number | undefined;
  readonly layers?: readonly string[] | undefined;
  readonly pick?: Pick | undefined;
  readonly at?: Date | undefined;
  readonly area?: Drawn | undefined;
};

export function readAddress(): View {
  const query = new URLSearchParams(location.search);
  const [longitude, latitude] = (query.get("c") ?? "").split(",").map(Number);
  const zoom = Number(query.get("z") ?? Number.NaN);
  const [layer, key] = (query.get("pick") ?? "").split(":");
  const good = Number.isFinite(longitude) && Number.isFinite(latitude) && Number.isFinite(zoom);
  const at = new Date(query.get("at") ?? Number.NaN);
  return {
    centre: good ? [longitude as number, latitude as number] : undefined,
    zoom: good ? zoom : undefined,
    layers: query.has("layers") ? (query.get("layers") ?? "").split(",").filter(Boolean) : undefined,
    pick: layer && key ? { layer, key } : undefined,
    at: Number.isNaN(at.getTime()) ? undefined : at,
    area: drawnFrom(query.get("area") ?? ""),
  };
}

export function writeAddress(view: View): void {
  const query = new URLSearchParams(location.search);
  const say = (name: string, value: string | undefined): void => (value ? query.set(name, value) : query.delete(name));
  if (view.centre) query.set("c", view.centre.map((degree) => degree.toFixed(4)).join(","));
  if (view.zoom !== undefined) query.set("z", view.zoom.toFixed(2));
  if (view.layers) query.set("layers", view.layers.join(","));
  say("pick", view.pick && `${view.pick.layer}:${view.pick.key}`);
  say("at", view.at?.toISOString());
  say("area", view.area && drawnText(view.area));
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%3B", ";").replaceAll("%7E", "~");
  history.replaceState(history.state, "", `${location.pathname}?${text}`);
}
