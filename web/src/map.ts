/** 一张图: counties by open alarms, layers, the time bar, the tools, the panel, the address, the table of the same objects. */

import maplibregl, { type Map as MapLibre, type MapMouseEvent } from "maplibre-gl";

import { clockTime } from "./countdowns";
import { type Pick, readAddress, writeAddress } from "./map/address";
import { newMap } from "./map/base";
import { Cards } from "./map/cards";
import { type PageConfig, readConfig } from "./map/config";
import { Counties, drawLegend } from "./map/counties";
import { listenToMapKeys } from "./map/keys";
import { FaintLayer } from "./map/faint-layer";
import { keyOf, type LayerFeature, type MapLayer } from "./map/layer";
import { addMarks } from "./map/marks";
import { PointLayer } from "./map/points";
import { ShapeLayer } from "./map/shape-layer";
import { drawTable } from "./map/table";
import { TimeBar } from "./map/time";
import { Tools } from "./map/tools";
import { tell } from "./map/words";
import { say } from "./words";

type Htmx = { ajax(verb: string, path: string, context: { target: string; swap: string }): Promise<void> };

const config = readConfig<PageConfig>();
const address = readAddress();
const cards = new Cards(config.account, address.layers);
const table = document.querySelector<HTMLElement>("#map-table");
const layers = new Map<string, MapLayer>();
let pick: Pick | undefined = address.pick;

/** The panel shows the picked object, else the open alarms. What is no record with a page of its own tells what the map knows of it. */
function showPanel(): void {
  const panel = document.querySelector<HTMLElement>("#map-panel");
  if (!panel) return;
  const layer = pick && layers.get(pick.layer);
  const feature = layer?.features.find((each) => keyOf(each) === pick?.key);
  const own = layer && !layer.config.tiles ? feature?.properties["panel"] : undefined;
  let url = panel.dataset["alarms"] as string;
  if (pick?.layer === "counties") url += `?place=${encodeURIComponent(pick.key)}`;
  else if (typeof own === "string" && own.startsWith("/")) url = own;
  else if (pick && layer && !layer.config.tiles) return tellFeature(layer, feature);
  else if (pick) url = `/map/object/${encodeURIComponent(pick.layer)}/${encodeURIComponent(pick.key)}/`;
  void (window as unknown as { htmx: Htmx }).htmx.ajax("GET", url, { target: "#map-panel-body", swap: "innerHTML" });
}

/** An object of a layer that is not kept as records: its title, what its colour means, the way to its page. */
function tellFeature(layer: MapLayer, feature: LayerFeature | undefined): void {
  const body = document.querySelector("#map-panel-body");
  const head = Object.assign(document.createElement("div"), { className: "map-panel-head" });
  const back = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-small", textContent: say("close") });
  back.dataset["mapUnpick"] = "";
  head.append(Object.assign(document.createElement("h2"), { textContent: String(feature?.properties.title ?? layer.config.label) }), back);
  const told = Object.assign(document.createElement("div"), { className: "map-picked" });
  const { tone, url, detail } = feature?.properties ?? {};
  const lines = [layer.config.label, feature ? "" : tell("nothingHere"), (tone && layer.config.tones[tone]) ?? "", ...String(detail ?? "").split("\n")];
  for (const text of lines.filter(Boolean)) told.append(Object.assign(document.createElement("p"), { textContent: text }));
  if (typeof url === "string" && url.startsWith("/")) told.append(Object.assign(document.createElement("a"), { className: "btn btn-primary", href: url, textContent: tell("openPage") }));
  body?.replaceChildren(head, told);
}

function start(map: MapLibre): void {
  const counties = new Counties(map, config, () => {
    const text = counties.failed ? say("layerFailed") : counties.readAt ? say("dataAt", { time: clockTime(counties.readAt) }) : "";
    cards.write("counties", time.moment && text ? `${tell("presentOnly")} · ${text}` : text, "");
    redrawTable();
  });
  const onLayer = (layer: MapLayer): void => {
    cards.describe(layer, time.moment);
    time.offer([...layers.values()].flatMap((each) => (each.visible ? each.moments : [])));
    redrawTable();
    tools.refresh();
    if (pick?.layer === layer.config.code && !layer.config.tiles) showPanel();
  };
  const redrawTable = (): void => {
    if (table && !table.hidden) drawTable(table, config.counties && counties.visible ? counties.figures : undefined, inOrder(), choose);
  };
  const inOrder = (): MapLayer[] => cards.order().flatMap((code) => layers.get(code) ?? []);
  const remember = (): void => {
    const centre = map.getCenter();
    writeAddress({ centre: [centre.lng, centre.lat], zoom: map.getZoom(), layers: cards.on(), pick, at: time.moment, area: tools.drawn });
  };
  const choose = (layer: string, key: string, at?: [number, number]): void => {
    pick = key ? { layer, key } : undefined;
    map.setFilter("county-picked", ["==", ["get", "code"], layer === "counties" ? key : ""]);
    if (at) map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 12) });
    showPanel();
    remember();
  };
  const readLayers = (unattended = false): Promise<unknown> => Promise.all([...layers.values()].map((layer) => layer.read(unattended)));

  const time = new TimeBar(address.at, (moment) => {
    dimPresent(moment);
    for (const layer of layers.values()) {
      void layer.showAt(moment);
      cards.describe(layer, moment);
    }
    counties.show(counties.visible);
    remember();
  });
  const dimPresent = (moment: Date | undefined): void => {
    for (const layer of layers.values()) layer.opacity(cards.opacityOf(layer.config.code) * (moment && !layer.config.time ? 0.35 : 1));
  };
  addMarks(map, config.layers.map((layer) => layer.shape));
  const wanted = new Set(cards.on());
  const order = cards.order();
  const below = [...config.layers].sort((a, b) => Number(a.geometry === "points") - Number(b.geometry === "points") || order.indexOf(b.code) - order.indexOf(a.code));
  for (const layer of below) {
    const Kind = layer.geometry === "points" ? PointLayer : layer.url ? ShapeLayer : FaintLayer;
    const made = new Kind(map, layer, wanted.has(layer.code), onLayer);
    if (layer.time) made.moment = time.moment;
    layers.set(layer.code, made);
  }
  const tools = new Tools(map, config, inOrder, () => time.moment, choose, remember);
  dimPresent(time.moment);
  counties.visible = wanted.has("counties");
  void Promise.all([counties.read(), readLayers()]).then(() => {
    if (address.area) tools.restore(address.area);
    map.once("idle", () => (document.documentElement.dataset["mapReady"] = ""));
    map.triggerRepaint();
  });

  let pause = 0;
  map.on("moveend", () => {
    remember();
    window.clearTimeout(pause);
    pause = window.setTimeout(() => void readLayers(), 200);
  });
  cards.listen(
    (code, on) => {
      if (code === "counties") counties.show(on);
      else void layers.get(code)?.show(on);
      remember();
    },
    () => dimPresent(time.moment),
    () => {
      for (const layer of [...inOrder()].reverse()) {
        const before = layer.config.geometry === "points" ? "chosen-shape-fill" : firstPointLayer(map);
        for (const id of layer.layerIds) map.moveLayer(id, before);
      }
      remember();
    },
    (code) => void layers.get(code)?.read(),
  );
  map.on("click", (event) => {
    if (!tools.busy) onClick(map, event, choose);
  });
  map.on("mousemove", (event) => {
    const place = document.querySelector("#map-place");
    if (place) place.textContent = `${event.lngLat.lng.toFixed(4)}, ${event.lngLat.lat.toFixed(4)}`;
    if (!tools.busy) map.getCanvas().style.cursor = featuresAt(map, event).length > 0 ? "pointer" : "";
  });
  listenToPage(map, choose, redrawTable);
  listenToMapKeys((tool) => tools.toggle(tool));
  for (const kind of config.alarmKinds) {
    document.body.addEventListener(`sse:${kind}`, () => {
      void counties.read();
      if (!pick || pick.layer === "counties") showPanel();
    });
  }
  for (const layer of config.layers) {
    for (const kind of layer.live) document.body.addEventListener(`sse:${kind}`, () => void layers.get(layer.code)?.read(true));
  }
  window.setInterval(() => layers.forEach((layer) => cards.describe(layer, time.moment)), 60_000);
  if (pick) choose(pick.layer, pick.key);
  else showPanel();
}

function firstPointLayer(map: MapLibre): string | undefined {
  return map.getStyle().layers.find((layer) => layer.id.startsWith("points-"))?.id;
}

function listenToPage(map: MapLibre, choose: (layer: string, key: string) => void, redrawTable: () => void): void {
  document.querySelector("#map-home")?.addEventListener("click", () => map.fitBounds([...config.bounds], { padding: 32 }));
  document.body.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-map-unpick]")) choose("", "");
    const fly = target.closest<HTMLElement>("[data-map-fly]")?.dataset["mapFly"];
    if (fly) map.easeTo({ center: fly.split(",").map(Number) as [number, number], zoom: Math.max(map.getZoom(), 13) });
  });
  document.querySelector("#map-table-open")?.addEventListener("click", (event) => {
    if (!table) return;
    table.hidden = !table.hidden;
    (event.currentTarget as Element).setAttribute("aria-expanded", String(!table.hidden));
    redrawTable();
    if (!table.hidden) table.focus();
  });
}

function featuresAt(map: MapLibre, event: MapMouseEvent): maplibregl.MapGeoJSONFeature[] {
  const shown = [...layers.values()].filter((layer) => layer.visible).flatMap((layer) => layer.clickable).filter((id) => map.getLayer(id));
  return map.queryRenderedFeatures(event.point, { layers: shown });
}

function onClick(map: MapLibre, event: MapMouseEvent, choose: (layer: string, key: string) => void): void {
  const hit = featuresAt(map, event)[0];
  const layer = hit && [...layers.values()].find((each) => each.clickable.includes(hit.layer.id));
  if (hit && layer) {
    choose(layer.config.code, keyOf(hit as unknown as LayerFeature));
    return;
  }
  const county = map.queryRenderedFeatures(event.point, { layers: ["counties-fill"] })[0];
  choose("counties", county ? String(county.properties["code"] ?? "") : "");
}

/** Without WebGL the page still works: the panel and the lists stay, and the map says why it is empty. */
function explain(container: HTMLElement, error: unknown): void {
  console.warn("map", error);
  container.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: say("noWebGL") }));
  document.documentElement.dataset["mapReady"] = "";
  showPanel();
}

function open(): void {
  const container = document.querySelector<HTMLElement>("#map");
  if (!container) return;
  if (matchMedia("(max-width: 699px)").matches) document.querySelector(".map-layers")?.removeAttribute("open");
  drawLegend(document.querySelector("#county-legend"));
  let map: MapLibre;
  try {
    const view = address.centre && address.zoom !== undefined ? { center: address.centre, zoom: address.zoom } : undefined;
    map = newMap(container, config, { ...(view ?? {}), ...(view ? { bounds: undefined as never } : {}) });
  } catch (error) {
    explain(container, error);
    return;
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.once("load", () => start(map));
}

open();
