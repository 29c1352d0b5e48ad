/** Marks of points: one shape per layer, one colour per tone, drawn here because there is no sprite server. */

import type { Map as MapLibre } from "maplibre-gl";

import { colour, type LayerConfig, toneColour, TONES, type Tone } from "./config";

const SIZE = 20;
const RATIO = 2;

function outline(shape: LayerConfig["shape"], draw: CanvasRenderingContext2D): void {
  const middle = SIZE / 2;
  draw.beginPath();
  if (shape === "square") draw.rect(4, 4, 12, 12);
  else if (shape === "circle") draw.arc(middle, middle, 5.5, 0, 2 * Math.PI);
  else if (shape === "diamond") {
    draw.moveTo(middle, 2.5);
    draw.lineTo(17.5, middle);
    draw.lineTo(middle, 17.5);
    draw.lineTo(2.5, middle);
  } else if (shape === "arrow") {
    draw.moveTo(middle, 1.5);
    draw.lineTo(15.5, 10);
    draw.lineTo(11.8, 10);
    draw.lineTo(11.8, 18.5);
    draw.lineTo(8.2, 18.5);
    draw.lineTo(8.2, 10);
    draw.lineTo(4.5, 10);
  } else {
    draw.moveTo(middle, 2.5);
    draw.lineTo(18, 17);
    draw.lineTo(2, 17);
  }
  draw.closePath();
}

function mark(shape: LayerConfig["shape"], tone: Tone): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * RATIO;
  const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
  draw.scale(RATIO, RATIO);
  outline(shape, draw);
  draw.fillStyle = toneColour(tone);
  draw.strokeStyle = colour("map-halo");
  draw.lineWidth = 3;
  draw.lineJoin = "round";
  draw.stroke();
  draw.fill();
  draw.strokeStyle = colour("text");
  draw.lineWidth = 0.75;
  draw.stroke();
  return draw.getImageData(0, 0, canvas.width, canvas.height);
}

export function addMarks(map: MapLibre, shapes: Iterable<LayerConfig["shape"]>): void {
  for (const shape of new Set(shapes)) {
    for (const tone of TONES) map.addImage(`${shape}-${tone}`, mark(shape, tone), { pixelRatio: RATIO });
  }
}

/** A cluster: the number, and around it a ring with the share of each tone, so that the worst is never hidden by the many. */
export function ring(counts: Readonly<Partial<Record<Tone, number>>>, title: string): HTMLElement {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const radius = total >= 100 ? 21 : total >= 10 ? 18 : 15;
  const width = 5;
  const middle = radius + 1;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${middle * 2} ${middle * 2}`);
  svg.setAttribute("width", String(middle * 2));
  svg.setAttribute("height", String(middle * 2));
  const add = (name: string, attributes: Record<string, string | number>): Element => {
    const element = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    svg.append(element);
    return element;
  };
  add("circle", { cx: middle, cy: middle, r: radius, fill: colour("surface"), stroke: colour("map-line"), "stroke-width": 1 });
  const ringRadius = radius - width / 2;
  const around = 2 * Math.PI * ringRadius;
  let start = 0;
  for (const tone of TONES) {
    const count = counts[tone] ?? 0;
    if (count === 0) continue;
    const length = (count / total) * around;
    add("circle", {
      cx: middle,
      cy: middle,
      r: ringRadius,
      fill: "none",
      stroke: toneColour(tone),
      "stroke-width": width,
      "stroke-dasharray": `${length} ${around - length}`,
      "stroke-dashoffset": -start,
      transform: `rotate(-90 ${middle} ${middle})`,
    });
    start += length;
  }
  const text = add("text", { x: middle, y: middle + 4, "text-anchor": "middle", "font-size": 12, "font-weight": 600, fill: colour("text") });
  text.textContent = total > 999 ? `${Math.floor(total / 1000)}k` : String(total);
  // For the mouse only: the table lists the same objects for the keyboard and for screen readers.
  const holder = document.createElement("div");
  holder.className = "map-ring";
  holder.title = title;
  holder.append(svg);
  return holder;
}
