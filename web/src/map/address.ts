/** Centre, zoom, layers and the picked object live in the address, so that a view can be sent to a colleague. */

export type Pick = { readonly layer: string; readonly key: string };
export type View = {
  readonly centre?: [number, number] | undefined;
  readonly zoom?: number | undefined;
  readonly layers?: readonly string[] | undefined;
  readonly pick?: Pick | undefined;
};

export function readAddress(): View {
  const query = new URLSearchParams(location.search);
  const [longitude, latitude] = (query.get("c") ?? "").split(",").map(Number);
  const zoom = Number(query.get("z") ?? Number.NaN);
  const [layer, key] = (query.get("pick") ?? "").split(":");
  const good = Number.isFinite(longitude) && Number.isFinite(latitude) && Number.isFinite(zoom);
  return {
    centre: good ? [longitude as number, latitude as number] : undefined,
    zoom: good ? zoom : undefined,
    layers: query.has("layers") ? (query.get("layers") ?? "").split(",").filter(Boolean) : undefined,
    pick: layer && key ? { layer, key } : undefined,
  };
}

export function writeAddress(view: View): void {
  const query = new URLSearchParams(location.search);
  if (view.centre) query.set("c", view.centre.map((degree) => degree.toFixed(4)).join(","));
  if (view.zoom !== undefined) query.set("z", view.zoom.toFixed(2));
  if (view.layers) query.set("layers", view.layers.join(","));
  if (view.pick) query.set("pick", `${view.pick.layer}:${view.pick.key}`);
  else query.delete("pick");
  history.replaceState(history.state, "", `${location.pathname}?${query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`);
}
