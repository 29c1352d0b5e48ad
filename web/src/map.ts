/** 一张图: counties by open alarms, layers of points, the panel, the address, the table of the same objects. */

import maplibregl, { type Map as MapLibre, type MapMouseEvent } from "maplibre-gl";

import { clockTime } from "./countdowns";
import { type Pick, readAddress, writeAddress } from "./map/address";
import { newMap } from "./map/base";
import { readConfig } from "./map/config";
import { Counties, drawLegend } from "./map/counties";
import { addMarks } from "./map/marks";
import { keyOf, type PointFeature, PointLayer } from "./map/points";
import { drawTable } from "./map/table";
import { say } from "./words";

type Htmx = { ajax(verb: string, path: string, context: { target: string; swap: string }): Promise<void> };

const config = readConfig();
const address = readAddress();
const form = document.querySelector<HTMLFormElement>("#map-layer-form");
const table = document.querySelector<HTMLElement>("#map-table");
const layers = new Map<string, PointLayer>();
let pick: Pick | undefined = address.pick;

/** The panel shows the picked object, else the open alarms. */
function showPanel(): void {
  const panel = document.querySelector<HTMLElement>("#map-panel");
  if (!panel) return;
  let url = panel.dataset["alarms"] as string;
  if (pick?.layer === "counties") url += `?place=${encodeURIComponent(pick.key)}`;
  else if (pick) url = `/map/object/${encodeURIComponent(pick.layer)}/${encodeURIComponent(pick.key)}/`;
  void (window as unknown as { htmx: Htmx }).htmx.ajax("GET", url, { target: "#map-panel-body", swap: "innerHTML" });
}

function switchedOn(): string[] {
  return form ? [...form.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked")].map((box) => box.name) : [];
}

function describe(code: string, readAt: Date | undefined, failed: boolean, count: string): void {
  const time = document.querySelector(`[data-layer-time="${code}"]`);
  const number = document.querySelector(`[data-layer-count="${code}"]`);
  if (time) time.textContent = failed ? say("layerFailed") : readAt ? say("dataAt", { time: clockTime(readAt) }) : "";
  if (number) number.textContent = count;
}

function start(map: MapLibre): void {
  const counties = new Counties(map, config, () => {
    describe("counties", counties.readAt, counties.failed, "");
    redrawTable();
  });
  const onLayer = (layer: PointLayer): void => {
    const count = layer.visible ? `${layer.features.length}${layer.truncated ? "+" : ""}` : "";
    describe(layer.config.code, layer.visible ? layer.readAt : undefined, layer.visible && layer.failed, count);
    redrawTable();
  };
  const redrawTable = (): void => {
    if (table && !table.hidden) drawTable(table, config.counties && counties.visible ? counties.figures : undefined, layers.values(), choose);
  };
  const remember = (): void => {
    const centre = map.getCenter();
    writeAddress({ centre: [centre.lng, centre.lat], zoom: map.getZoom(), layers: switchedOn(), pick });
  };
  const choose = (layer: string, key: string, at?: [number, number]): void => {
    pick = key ? { layer, key } : undefined;
    map.setFilter("county-picked", ["==", ["get", "code"], layer === "counties" ? key : ""]);
    if (at) map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 12) });
    showPanel();
    remember();
  };

  addMarks(map, config.layers.map((layer) => layer.shape));
  const wanted = new Set(switchedOn());
  for (const layer of [...config.layers].reverse()) {
    layers.set(layer.code, new PointLayer(map, layer, wanted.has(layer.code), onLayer));
  }
  counties.visible = wanted.has("counties");
  const readPoints = (): Promise<unknown> => Promise.all([...layers.values()].map((layer) => layer.read()));
  void Promise.all([counties.read(), readPoints()]).then(() => {
    map.once("idle", () => (document.documentElement.dataset["mapReady"] = ""));
    map.triggerRepaint();
  });

  let pause = 0;
  map.on("moveend", () => {
    remember();
    window.clearTimeout(pause);
    pause = window.setTimeout(() => void readPoints(), 200);
  });
  form?.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.name === "counties") counties.show(box.checked);
    else void layers.get(box.name)?.show(box.checked);
    remember();
  });
  map.on("click", (event) => onClick(map, event, choose));
  map.on("mousemove", (event) => {
    const place = document.querySelector("#map-place");
    if (place) place.textContent = `${event.lngLat.lng.toFixed(4)}, ${event.lngLat.lat.toFixed(4)}`;
    map.getCanvas().style.cursor = pointLayersAt(map, event).length > 0 ? "pointer" : "";
  });
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
  for (const kind of config.alarmKinds) {
    document.body.addEventListener(`sse:${kind}`, () => {
      void counties.read();
      if (!pick || pick.layer === "counties") showPanel();
    });
  }
  for (const layer of config.layers) {
    for (const kind of layer.live) document.body.addEventListener(`sse:${kind}`, () => void layers.get(layer.code)?.read(true));
  }
  if (pick) choose(pick.layer, pick.key);
  else showPanel();
}

function pointLayersAt(map: MapLibre, event: MapMouseEvent): maplibregl.MapGeoJSONFeature[] {
  const shown = [...layers.values()].map((layer) => layer.source).filter((id) => map.getLayer(id));
  return map.queryRenderedFeatures(event.point, { layers: shown });
}

function onClick(map: MapLibre, event: MapMouseEvent, choose: (layer: string, key: string) => void): void {
  const point = pointLayersAt(map, event)[0];
  if (point) {
    choose(point.layer.id.replace("points-", ""), keyOf(point as unknown as PointFeature));
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
  for (const box of form?.querySelectorAll<HTMLInputElement>("input[type=checkbox]") ?? []) {
    if (address.layers) box.checked = address.layers.includes(box.name);
  }
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
