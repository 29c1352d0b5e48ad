/** The map as it is seen, as a PNG with a line that says what, when, and whether it is an exercise. */

import type { Map as MapLibre } from "maplibre-gl";

import { colour } from "../map/config";
import { fullText } from "../moments";
import type { PlotConfig } from "./config";
import { tell } from "./words";

export async function savePicture(map: MapLibre, config: PlotConfig, then: string): Promise<void> {
  // The drawing buffer holds the picture only until the browser has shown it: it is copied while it is rendered.
  const drawn = await new Promise<HTMLCanvasElement>((done) => {
    map.once("render", () => {
      const source = map.getCanvas();
      const line = Math.round(source.width / 40) + 12;
      const canvas = document.createElement("canvas");
      canvas.width = source.width;
      canvas.height = source.height + line;
      const draw = canvas.getContext("2d") as CanvasRenderingContext2D;
      draw.fillStyle = colour("surface");
      draw.fillRect(0, 0, canvas.width, canvas.height);
      draw.drawImage(source, 0, 0);
      draw.fillStyle = colour("text");
      draw.font = `${Math.round(line * 0.5)}px sans-serif`;
      draw.textBaseline = "middle";
      const text = [config.exercise ? `【${tell("exercise")}】` : "", config.title, "  ", then || fullText(Date.now())].join("");
      draw.fillText(text, 8, source.height + line / 2, canvas.width - 16);
      done(canvas);
    });
    map.triggerRepaint();
  });
  const blob = await new Promise<Blob | null>((done) => drawn.toBlob(done, "image/png"));
  if (!blob) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${config.title}.png`;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
