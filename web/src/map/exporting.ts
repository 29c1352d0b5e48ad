/** Carry away what is seen: records through the server (GeoJSON, CSV, workbook), other layers as GeoJSON, the map as a picture. */

import type { MultiPolygon, Polygon } from "geojson";
import type { Map as MapLibre } from "maplibre-gl";

import { fullText } from "../moments";
import { say } from "../words";
import { colour, formToken, type PageConfig, toneColour, type Tone } from "./config";
import { rectangle } from "./geodesy";
import type { LayerFeature, MapLayer } from "./layer";
import { Refused, refusedBy } from "./refused";
import { tell } from "./words";

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function stamp(): string {
  return fullText(Date.now()).slice(0, 16).replace(/[-:]/g, "").replace(" ", "-");
}

/** The present view as an area. */
export function viewArea(map: MapLibre): Polygon {
  const bounds = map.getBounds();
  return rectangle(bounds.getWest(), Math.max(-85, bounds.getSouth()), bounds.getEast(), Math.min(85, bounds.getNorth()));
}

/** A file of the server: everything of the layer in the area. Throws `Refused` with a sentence to show: the map stays where it is. */
async function fetchFile(code: string, area: Polygon | MultiPolygon, format: string): Promise<void> {
  const answer = await fetch(`/map/export/${encodeURIComponent(code)}/`, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": formToken() },
    body: new URLSearchParams({ area: JSON.stringify(area), format }),
  });
  if (!answer.ok) throw await refusedBy(answer);
  const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  save(await answer.blob(), name ? decodeURIComponent(name) : `${code}-${stamp()}.${format}`);
}

/** One line of buttons per layer that is on. `inside`: what of the other layers lies in the chosen area. */
export function exportLines(
  layers: readonly MapLayer[],
  area: Polygon | MultiPolygon,
  chosen: boolean,
  inside: ReadonlyMap<string, readonly LayerFeature[]>,
): HTMLElement[] {
  return layers.filter((layer) => layer.visible && layer.config.url).map((layer) => {
    const { code, label, tiles, exportable } = layer.config;
    const line = document.createElement("div");
    line.className = "map-tool-export";
    const what = tell(chosen ? "exportArea" : "exportView");
    line.append(Object.assign(document.createElement("span"), { textContent: `${label}（${what}）` }));
    if (!exportable) {
      line.append(Object.assign(document.createElement("span"), { className: "muted", textContent: tell("notExportable") }));
      return line;
    }
    const wrong = Object.assign(document.createElement("p"), { className: "field-error", hidden: true });
    wrong.setAttribute("role", "alert");
    for (const format of tiles.startsWith("/tiles/") ? ["geojson", "csv", "xlsx"] : ["geojson"]) {
      const name = format === "geojson" ? "GeoJSON" : format.toUpperCase();
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small", textContent: name });
      button.setAttribute("aria-label", `${tell("exportOf", { layer: label, what })} ${name}`);
      button.addEventListener("click", () => {
        wrong.hidden = true;
        if (!tiles.startsWith("/tiles/")) return saveFeatures(layer, chosen ? (inside.get(code) ?? []) : layer.features);
        button.disabled = true;
        fetchFile(code, area, format)
          .catch((error: unknown) => {
            if (!(error instanceof Refused)) console.warn("export", error);
            wrong.textContent = error instanceof Refused ? error.message : say("requestFailed");
            wrong.hidden = false;
          })
          .finally(() => (button.disabled = false));
      });
      line.append(button);
    }
    line.append(wrong);
    if (!tiles && layer.truncated) line.append(Object.assign(document.createElement("span"), { className: "muted", textContent: tell("partOnly") }));
    return line;
  });
}

function saveFeatures(layer: MapLayer, features: readonly LayerFeature[]): void {
  const content = { type: "FeatureCollection", truncated: layer.truncated, features };
  save(new Blob([JSON.stringify(content)], { type: "application/geo+json" }), `${layer.config.label}-${stamp()}.geojson`);
}

/** The map as it is seen with legend, scale, time and author, as PNG. The counts in rings are part of the page, not of the map: they are drawn anew. */
export async function savePicture(map: MapLibre, config: PageConfig, layers: readonly MapLayer[], moment: Date | undefined): Promise<void> {
  const canvas = await new Promise<HTMLCanvasElement>((done) => {
    // The drawing buffer holds the picture only until the browser has shown it: it is copied while it is rendered.
    map.once("render", () => done(composed(map, config, layers, moment)));
    map.triggerRepaint();
  });
  await drawRings(map, canvas);
  const content = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (content) save(content, `${tell("picture", { time: stamp() })}.png`);
}

function composed(map: MapLibre, config: PageConfig, layers: readonly MapLayer[], moment: Date | undefined): HTMLCanvasElement {
  const source = map.getCanvas();
  const unit = source.width / source.clientWidth;
  const lines = layers.filter((layer) => layer.visible);
  const foot = (46 + 20 * lines.length) * unit;
  const canvas = document.createElement("canvas");
  canvas.width = source.width;
  canvas.height = source.height + foot;
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  draw.fillStyle = colour("surface");
  draw.fillRect(0, 0, canvas.width, canvas.height);
  draw.drawImage(source, 0, 0);
  draw.translate(0, source.height);
  draw.scale(unit, unit);
  draw.font = "13px sans-serif";
  draw.textBaseline = "middle";
  draw.fillStyle = colour("text");
  const when = moment ? tell(moment.getTime() > Date.now() ? "ahead" : "past", { time: fullText(moment.getTime()).slice(0, 16) }) : "";
  const exercise = lines.some((layer) => layer.features.some((feature) => feature.properties.exercise)) ? `【${tell("exercise")}】 ` : "";
  draw.fillText(exercise + [config.node, tell("madeBy", { author: config.author, time: fullText(Date.now()) }), when].filter(Boolean).join(" · "), 10, 16);
  lines.forEach((layer, index) => legendLine(draw, layer, 36 + 20 * index));
  scaleBar(draw, map, source.clientWidth);
  return canvas;
}

function legendLine(draw: CanvasRenderingContext2D, layer: MapLayer, y: number): void {
  let x = 10;
  const write = (text: string): void => {
    draw.fillStyle = colour("text");
    draw.fillText(text, x, y);
    x += draw.measureText(text).width + 12;
  };
  const at = layer.failed ? "?" : layer.readAt ? fullText(layer.readAt.getTime()).slice(5, 16) : "";
  write(layer.config.url ? `${layer.config.label} ${layer.features.length}${layer.truncated ? "+" : ""}${at ? ` (${at})` : ""}` : layer.config.label);
  const tones = Object.entries(layer.config.tones).map(([tone, meaning]) => [toneColour(tone as Tone), meaning]);
  const steps = layer.config.steps.map((meaning, step) => [colour(`map-step-${step}`), meaning]);
  for (const [painted, meaning] of [...tones, ...steps] as [string, string][]) {
    draw.fillStyle = painted;
    draw.fillRect(x, y - 6, 12, 12);
    draw.strokeStyle = colour("text");
    draw.strokeRect(x, y - 6, 12, 12);
    x += 17;
    write(meaning);
  }
}

/** The bar of MapLibre's own scale control, drawn again. */
function scaleBar(draw: CanvasRenderingContext2D, map: MapLibre, width: number): void {
  const scale = map.getContainer().querySelector<HTMLElement>(".maplibregl-ctrl-scale");
  if (!scale) return;
  const [from, to] = [width - 16 - scale.offsetWidth, width - 16];
  draw.strokeStyle = draw.fillStyle = colour("text");
  draw.lineWidth = 2;
  draw.beginPath();
  draw.moveTo(from, 20);
  draw.lineTo(from, 26);
  draw.lineTo(to, 26);
  draw.lineTo(to, 20);
  draw.stroke();
  draw.textAlign = "center";
  draw.fillText(scale.textContent ?? "", (from + to) / 2, 12);
  draw.textAlign = "start";
}

async function drawRings(map: MapLibre, canvas: HTMLCanvasElement): Promise<void> {
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  draw.setTransform(1, 0, 0, 1, 0, 0);
  const unit = canvas.width / map.getCanvas().clientWidth;
  const frame = map.getContainer().getBoundingClientRect();
  for (const svg of map.getContainer().querySelectorAll<SVGElement>(".map-ring svg")) {
    const at = svg.getBoundingClientRect();
    // A picture on its own inherits nothing from the page.
    const copy = svg.cloneNode(true) as SVGElement;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("font-family", "sans-serif");
    const address = URL.createObjectURL(new Blob([copy.outerHTML], { type: "image/svg+xml" }));
    try {
      const picture = new Image();
      picture.src = address;
      await picture.decode();
      draw.drawImage(picture, (at.left - frame.left) * unit, (at.top - frame.top) * unit, at.width * unit, at.height * unit);
    } catch (error) {
      console.warn("a ring is missing from the picture", error);
    } finally {
      URL.revokeObjectURL(address);
    }
  }
}
