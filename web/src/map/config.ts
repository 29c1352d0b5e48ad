/** What the server tells the map, and the colours it takes from the styles. */

export type Tone = "red" | "orange" | "yellow" | "blue" | "green" | "grey" | "plain";
export const TONES: readonly Tone[] = ["red", "orange", "yellow", "blue", "green", "grey", "plain"];

/** Header of what a page asks by itself, so that it keeps no session alive. */
export const UNATTENDED: Readonly<Record<string, string>> = { "X-Anlan-Unattended": "1" };

export type LayerConfig = {
  readonly code: string;
  readonly label: string;
  readonly url: string;
  readonly shape: "square" | "diamond" | "triangle" | "circle" | "arrow";
  readonly on: boolean;
  readonly live: readonly string[];
  readonly geometry: "points" | "lines" | "areas";
  readonly group: string;
  /** Answers `?at=` with what held then. */
  readonly time: boolean;
  /** Vector tiles for when much lies in view; empty: none. */
  readonly tiles: string;
  readonly minzoom: number;
  readonly empty: string;
  readonly tones: Readonly<Partial<Record<Tone, string>>>;
  readonly legend: string;
  /** The post may carry away what the layer holds. */
  readonly exportable: boolean;
  /** Classes of a quantity, least first; empty: the layer is coloured by tones. */
  readonly steps: readonly string[];
};

export type MapConfig = {
  readonly bounds: readonly [number, number, number, number];
  /** Subtrees of places in which the user sees every alarm. Elsewhere a county is unknown. */
  readonly prefixes: readonly string[];
  readonly tiles: string;
  readonly counties: boolean;
  readonly alarmKinds: readonly string[];
  readonly layers: readonly LayerConfig[];
};

/** What only the map page itself is told. */
export type PageConfig = MapConfig & { readonly account: string; readonly author: string; readonly node: string; readonly now: string };

export function readConfig<Config extends MapConfig = MapConfig>(): Config {
  const element = document.querySelector("#map-config");
  if (!element?.textContent) throw new Error("the page carries no map configuration");
  return JSON.parse(element.textContent) as Config;
}

/** The configuration for a small map beside a form, as the map page has it. Throws when the node does not tell it. */
export async function fetchConfig(): Promise<MapConfig> {
  const answer = await fetch("/map/config.json", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return (await answer.json()) as MapConfig;
}

/** The form token of the page. */
export function formToken(): string {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return headers["X-CSRFToken"] ?? "";
}

/** A colour of tokens.css in the page's present theme. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function toneColour(tone: Tone): string {
  if (tone === "green") return colour("healthy");
  if (tone === "grey") return colour("unknown");
  if (tone === "plain") return colour("accent");
  return colour(`level-${tone}`);
}

export function dark(): boolean {
  return document.documentElement.dataset["theme"] === "dark";
}

/** Counts in one hue: purple means "how many", so that it is never read as a level. */
export function heatSteps(): readonly { readonly from: number; readonly colour: string }[] {
  const colours = dark() ? ["#332a63", "#51408f", "#7757b8", "#a982e8"] : ["#e3d8f1", "#c5aee1", "#9b77c8", "#6a3d9a"];
  return [1, 3, 6, 11].map((from, index) => ({ from, colour: colours[index] as string }));
}
