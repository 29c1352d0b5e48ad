/** What the server tells the page of a board, and how the page asks the server. */

import type { MapConfig } from "../map/config";

export type Symbol = { readonly code: string; readonly name: string; readonly tone: Tone; readonly outline: string; readonly lines: string };
export type Tone = "own" | "hazard" | "neutral";
export type Mark = { readonly account_id: string; readonly name: string; readonly post: string; readonly at: string; readonly sequence: number; readonly late: boolean };
export type Marks = { readonly created: Mark; readonly changed: Mark; readonly locked: Mark | null };

export type PlotConfig = {
  readonly board: string;
  readonly title: string;
  readonly exercise: boolean;
  readonly mayDraw: boolean;
  readonly overLocks: boolean;
  readonly why: string;
  readonly me: { readonly account: string; readonly name: string; readonly post: string };
  readonly urls: { readonly state: string; readonly updates: string; readonly presence: string; readonly then: string; readonly history: string };
  readonly symbols: readonly Symbol[];
  readonly kinds: Readonly<Record<string, string>>;
  readonly tones: Readonly<Record<string, string>>;
  readonly map: MapConfig;
};

export function readPlotConfig(): PlotConfig {
  const element = document.querySelector("#plot-config");
  if (!element?.textContent) throw new Error("the page carries no configuration of its board");
  return JSON.parse(element.textContent) as PlotConfig;
}

/** The form token: of the cookie, for it changes when somebody signs in again in another tab while this page has something to send. */
export function token(): string {
  const cookie = /(?:^|; )anlan_csrf=([^;]+)/.exec(document.cookie)?.[1];
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return cookie ?? headers["X-CSRFToken"] ?? "";
}

export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

export function toText(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}
