/** Wallboard: the map of counties and alarms, the state of the live link. The columns refresh themselves through htmx. */

import type { Map as MapLibre } from "maplibre-gl";

import { watchLink } from "./live";
import { newMap } from "./map/base";
import { readConfig } from "./map/config";
import { Counties, drawLegend } from "./map/counties";
import { addMarks } from "./map/marks";
import { PointLayer } from "./map/points";
import { say } from "./words";

const REFRESH_MS = 60_000;

function showLink(): void {
  const dot = document.querySelector("#wall-dot");
  const text = document.querySelector("#wall-link");
  watchLink((state) => {
    if (dot) dot.className = `dot ${state === "open" ? "dot-healthy" : state === "lost" ? "dot-red" : ""}`;
    if (text) text.textContent = say(state === "open" ? "liveOpen" : state === "lost" ? "liveLost" : "liveConnecting");
  });
}

function start(map: MapLibre): void {
  const config = readConfig();
  const counties = new Counties(map, config, () => undefined);
  addMarks(map, config.layers.map((layer) => layer.shape));
  const layers = config.layers.map((layer) => new PointLayer(map, layer, true, () => undefined));
  const read = (): Promise<unknown> => Promise.all([counties.read(), ...layers.map((layer) => layer.read(true))]);
  void read().then(() => {
    map.once("idle", () => (document.documentElement.dataset["mapReady"] = ""));
    map.triggerRepaint();
  });
  for (const kind of config.alarmKinds) document.body.addEventListener(`sse:${kind}`, () => void read());
  window.setInterval(() => void read(), REFRESH_MS);
}

showLink();
drawLegend(document.querySelector("#county-legend"));
const container = document.querySelector<HTMLElement>("#map");
if (container) {
  try {
    // Names at least as large as the wall's text: 17 px on 1920, twice that on 3840.
    const scale = (1.4 * parseFloat(getComputedStyle(document.documentElement).fontSize)) / 16;
    const map = newMap(container, readConfig(), { interactive: false }, scale);
    map.once("load", () => start(map));
  } catch (error) {
    console.warn("map", error);
    container.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: say("noWebGL") }));
    document.documentElement.dataset["mapReady"] = "";
  }
}
