/** 研判: zones of one run on a small map with their bands, how they move on the time slider, and the ways to shelters. The tables beside hold the same. */

import maplibregl, { type GeoJSONSource, type Map as MapLibre } from "maplibre-gl";

import type { Feature, FeatureCollection, MultiPolygon } from "geojson";

import { newMap } from "./map/base";
import { colour, readConfig, type Tone, toneColour, UNATTENDED } from "./map/config";
import { say } from "./words";

type Told = { part: "zone" | "band" | "frame"; code: string; tone: Tone; severity: number; minutes?: number; name: string };
type Zones = FeatureCollection<MultiPolygon, Told> & {
  source: [number | null, number | null];
  began: string | null;
  frames: number[];
  box: [number | null, number | null, number | null, number | null];
};

const NOTHING: FeatureCollection<MultiPolygon, Told> = { type: "FeatureCollection", features: [] };
/** About 10 km. */
const NEAR_DEGREES = 0.1;
const TONES: readonly Tone[] = ["red", "orange", "yellow"];

let map: MapLibre | undefined;
let zones: Zones | undefined;
let read = "";

function toneExpression(): maplibregl.ExpressionSpecification {
  const pairs = TONES.flatMap((tone) => [tone, toneColour(tone)]);
  return ["match", ["get", "tone"], ...pairs, colour("unknown")] as unknown as maplibregl.ExpressionSpecification;
}

function addLayers(on: MapLibre): void {
  for (const source of ["bands", "zones"]) on.addSource(source, { type: "geojson", data: NOTHING });
  on.addSource("ways", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  on.addSource("release", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  on.addLayer({ id: "zones", type: "fill", source: "zones", paint: { "fill-color": toneExpression(), "fill-opacity": 0.38 } });
  on.addLayer({ id: "zone-lines", type: "line", source: "zones", paint: { "line-color": colour("text"), "line-width": 1.2 } });
  on.addLayer({
    id: "bands",
    type: "line",
    source: "bands",
    paint: { "line-color": colour("text"), "line-width": 1, "line-dasharray": [3, 2], "line-opacity": 0.8 },
  });
  on.addLayer({
    id: "ways",
    type: "line",
    source: "ways",
    filter: ["==", ["get", "part"], "way"],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": colour("accent"),
      "line-width": ["interpolate", ["linear"], ["get", "people"], 0, 1.5, 500, 4, 5000, 7],
      "line-opacity": 0.85,
    },
  });
  on.addLayer({
    id: "shelters",
    type: "circle",
    source: "ways",
    filter: ["==", ["get", "part"], "shelter"],
    paint: { "circle-radius": 6, "circle-color": colour("healthy"), "circle-stroke-width": 2, "circle-stroke-color": colour("surface") },
  });
  on.addLayer({
    id: "release",
    type: "circle",
    source: "release",
    paint: { "circle-radius": 5, "circle-color": colour("text"), "circle-stroke-width": 2, "circle-stroke-color": colour("surface") },
  });
}

/** Milder zones first, so that the worst lies on top. */
function partOf(part: Told["part"], minutes?: number): FeatureCollection<MultiPolygon, Told> {
  const found = (zones?.features ?? []).filter(
    (feature: Feature<MultiPolygon, Told>) => feature.properties.part === part && (minutes === undefined || feature.properties.minutes === minutes),
  );
  return { type: "FeatureCollection", features: found.sort((a, b) => b.properties.severity - a.properties.severity) };
}

/** The slider's last stop is the whole reach; the stops before it are moments after the beginning. */
function draw(): void {
  const slider = document.querySelector<HTMLInputElement>("#judgement-minutes");
  const told = document.querySelector<HTMLOutputElement>("#judgement-moment");
  if (!map || !zones || !slider || !told) return;
  const minutes = zones.frames[Number(slider.value)];
  map.getSource<GeoJSONSource>("zones")?.setData(minutes === undefined ? partOf("zone") : partOf("frame", minutes));
  map.getSource<GeoJSONSource>("bands")?.setData(partOf("band"));
  let text = say("wholeReach");
  if (minutes !== undefined) {
    const at = zones.began ? new Date(new Date(zones.began).getTime() + minutes * 60_000) : undefined;
    const clock = at ? `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}` : "";
    text = say("minutesAfter", { minutes, clock });
  }
  told.textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

function fit(): void {
  if (!map || !zones) return;
  const [longitude, latitude] = zones.source;
  const outer = partOf("zone").features.flatMap((feature) => feature.geometry.coordinates.flat(2));
  const bounds = new maplibregl.LngLatBounds();
  for (const place of outer) {
    const [lon, lat] = place as [number, number];
    // What lies farther than the models were made for would make the first kilometre invisible.
    if (longitude === null || latitude === null || (Math.abs(lon - longitude) < NEAR_DEGREES && Math.abs(lat - latitude) < NEAR_DEGREES)) bounds.extend([lon, lat]);
  }
  if (longitude !== null && latitude !== null) bounds.extend([longitude, latitude]);
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: 40, maxZoom: 15, animate: false });
}

/** The ways stand in the part of the page that tells who goes where; it comes later than the map and changes with its form. */
function drawWays(): void {
  const told = document.querySelector("#judgement-ways")?.textContent;
  map?.getSource<GeoJSONSource>("ways")?.setData(told ? (JSON.parse(told) as FeatureCollection) : { type: "FeatureCollection", features: [] });
}

async function load(): Promise<void> {
  const url = document.querySelector<HTMLElement>("#judgement-head")?.dataset["zones"];
  if (!url || url === read || !map) return;
  read = url;
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json", ...UNATTENDED } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    zones = (await answer.json()) as Zones;
  } catch (error) {
    read = "";
    console.warn("zones", error);
    return;
  }
  const [longitude, latitude] = zones.source;
  const features: Feature[] =
    longitude === null || latitude === null
      ? []
      : [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [longitude, latitude] } }];
  map.getSource<GeoJSONSource>("release")?.setData({ type: "FeatureCollection", features });
  const slider = document.querySelector<HTMLInputElement>("#judgement-minutes");
  const bar = document.querySelector<HTMLElement>("#judgement-time");
  if (slider && bar) {
    bar.hidden = zones.frames.length === 0;
    slider.max = String(zones.frames.length);
    slider.value = slider.max;
  }
  draw();
  fit();
}

/** Fields that the way of release does not ask for are out of sight; without scripts all of them stand there. */
function fields(): void {
  const release = document.querySelector<HTMLSelectElement>("#id_release");
  if (!release) return;
  for (const row of document.querySelectorAll<HTMLElement>("[data-releases]")) {
    row.hidden = !(row.dataset["releases"] ?? "").split(" ").includes(release.value || "hole");
  }
}

function open(): void {
  const container = document.querySelector<HTMLElement>("#judgement-map");
  if (!container) return;
  fields();
  document.querySelector("#id_release")?.addEventListener("change", fields);
  document.querySelector("#judgement-minutes")?.addEventListener("input", draw);
  try {
    map = newMap(container, { ...readConfig(), counties: false, layers: [] });
  } catch (error) {
    console.warn("map", error);
    container.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: say("noWebGLJudgement") }));
    document.documentElement.dataset["mapReady"] = "";
    return;
  }
  const drawn = map;
  drawn.touchZoomRotate.disableRotation();
  drawn.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  drawn.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  drawn.once("load", () => {
    addLayers(drawn);
    // Not before: parts of the page settle while the map is still loading, and there would be nothing to draw on.
    document.body.addEventListener("htmx:afterSettle", () => {
      void load();
      drawWays();
    });
    drawWays();
    void load().then(() => {
      drawn.once("idle", () => (document.documentElement.dataset["mapReady"] = ""));
      drawn.triggerRepaint();
    });
  });
}

open();
