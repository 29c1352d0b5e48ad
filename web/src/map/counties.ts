/** Counties coloured by the number of open alarms. Unread or outside the user's jurisdiction is grey, never "none". */

import type { Map as MapLibre } from "maplibre-gl";

import { say } from "../words";
import { colour, heatSteps, type MapConfig, UNATTENDED } from "./config";
import { countyFill, PLACES } from "./style";

export type CountyFigures = { readonly name: string; readonly levels: Readonly<Record<string, number>> };
type Answer = { readonly at: string; readonly counties: Readonly<Record<string, CountyFigures>> };

export class Counties {
  figures: Readonly<Record<string, CountyFigures>> = {};
  readAt: Date | undefined;
  failed = false;
  visible = true;

  constructor(
    private readonly map: MapLibre,
    private readonly config: MapConfig,
    private readonly changed: () => void,
  ) {}

  show(on: boolean): void {
    this.visible = on;
    this.paint();
    this.changed();
  }

  async read(): Promise<void> {
    if (!this.config.counties) return;
    try {
      const answer = await fetch("/map/counties.json", { headers: { Accept: "application/json", ...UNATTENDED } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const data = (await answer.json()) as Answer;
      this.figures = data.counties;
      this.readAt = new Date(data.at);
      this.failed = false;
    } catch (error) {
      console.warn("county figures", error);
      this.figures = {};
      this.failed = true;
    }
    this.map.removeFeatureState({ source: PLACES, sourceLayer: "counties" });
    for (const [code, county] of Object.entries(this.figures)) {
      const count = Object.values(county.levels).reduce((sum, number) => sum + number, 0);
      this.map.setFeatureState({ source: PLACES, sourceLayer: "counties", id: code }, { count });
    }
    this.paint();
    this.changed();
  }

  private paint(): void {
    const state = this.visible ? (this.readAt && !this.failed ? "loaded" : "unknown") : "off";
    this.map.setPaintProperty("counties-fill", "fill-color", countyFill(this.config, state));
  }
}

/** Fill the list of what the colours mean. */
export function drawLegend(list: Element | null): void {
  if (!list) return;
  const steps = heatSteps();
  const entries: { colour: string; text: string }[] = [{ colour: colour("map-land"), text: "0" }];
  steps.forEach((step, index) => {
    const next = steps[index + 1];
    entries.push({ colour: step.colour, text: next ? `${step.from}–${next.from - 1}` : `≥${step.from}` });
  });
  entries.push({ colour: colour("map-unknown"), text: say("unknown") });
  list.replaceChildren(
    ...entries.map((entry) => {
      const item = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.className = "map-swatch";
      swatch.style.background = entry.colour;
      item.append(swatch, entry.text);
      return item;
    }),
  );
}
