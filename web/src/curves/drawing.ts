/** Curves as an ECharts option: means as lines, lowest to highest as bars behind them, limits, alarms and work as lines and bands. */

import { fullText, shifted } from "../moments";
import { say } from "../words";
import { type Answer, buckets, type Bucket, type Config, type Curve } from "./data";

/** Colours of curves, told apart also by their dashes; level colours mean levels and stay out of it. */
export const HUES = ["#0b6aa8", "#8a3ffc", "#007d79", "#9f1853", "#6f5a00", "#3d6e1f", "#5c3b1e", "#4a5568"];
export const DASHES = ["solid", "dashed", "dotted", "solid", "dashed", "dotted", "solid", "dashed"];
const LEVELS = ["", "--level-red", "--level-orange", "--level-yellow", "--level-blue"];
const PANE = 190;
const ONE_PANE = 300;

type Frame = { height: number; option: Record<string, unknown> };

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function faded(hex: string, share: number): string {
  return `${hex}${Math.round(share * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

function text(value: number | null, curve: Curve, more = 0): string {
  return value === null ? "—" : value.toFixed(curve.decimals + more);
}

/** Which pane and which axis a curve is drawn on. */
function panes(curves: readonly Curve[], axes: Config["axes"]): number[] {
  if (axes === "stacked") return curves.map((_, place) => place);
  if (axes === "normal") return curves.map(() => 0);
  const units = [...new Set(curves.map((curve) => curve.unit))];
  return curves.map((curve) => units.indexOf(curve.unit));
}

/** Values between the lowest and the highest of the window, as per cent of that stretch. */
function normalised(all: readonly Bucket[]): Bucket[] {
  const low = Math.min(...all.map((bucket) => bucket[2] ?? Infinity));
  const reach = Math.max(...all.map((bucket) => bucket[3] ?? -Infinity)) - low;
  const share = (value: number | null): number | null => (value === null ? null : reach > 0 ? ((value - low) / reach) * 100 : 50);
  return all.map(([time, mean, least, most, count]) => [time, share(mean), share(least), share(most), count]);
}

/** Limits near the values stretch the axis, far ones are left outside. */
function extent(curve: Curve): { min: number; max: number } | undefined {
  if (!curve.low.length) return undefined;
  let low = Math.min(...curve.low);
  let high = Math.max(...curve.high);
  const reach = Math.max(high - low, Math.abs(high) * 0.05, 1e-9);
  for (const [limit] of curve.limits) {
    if (limit < low - 2 * reach || limit > high + 2 * reach) continue;
    low = Math.min(low, limit);
    high = Math.max(high, limit);
  }
  const room = Math.max(high - low, Math.abs(high) * 0.02, 1e-9) * 0.08;
  return { min: low - room, max: high + room };
}

function bands(curve: Curve, answer: Answer, until: number): unknown[] {
  const found: unknown[] = [];
  const band = (from: number, to: number, name: string, hue: string, share: number, at: string): void => {
    const label = { show: true, position: at, color: colour("--text"), fontSize: 11, overflow: "truncate", width: 90 };
    found.push([{ xAxis: shifted(from), name, itemStyle: { color: faded(hue, share) }, label }, { xAxis: shifted(to) }]);
  };
  for (const [from, to, level] of curve.alarms) {
    band(from, to ?? until, say(`level${level as 1 | 2 | 3 | 4}`), colour(LEVELS[level] ?? "--level-red"), 0.22, "insideTop");
  }
  for (const [from, to, label] of curve.work) band(from, to, label, colour("--unknown"), 0.22, "insideBottom");
  for (const [from, to, bit] of curve.marks) {
    // Work is shaded from its own table; the marks of single readings would only repeat it.
    if (bit === 2 && curve.work.length) continue;
    const hue = colour(bit === 8 ? "--exercise" : "--unknown");
    band(from, Math.max(to, from + 1), answer.marks[String(bit)] ?? "", hue, 0.16, "insideBottom");
  }
  return found;
}

/** Limits so far from the values that the axis leaves them outside. */
export function hiddenLimits(curve: Curve): Curve["limits"] {
  const inside = extent(curve);
  return inside ? curve.limits.filter(([limit]) => limit < inside.min || limit > inside.max) : [];
}

function limitLines(curve: Curve): unknown[] {
  const hidden = new Set(hiddenLimits(curve));
  return curve.limits
    .filter((limit) => !hidden.has(limit))
    .map(([limit, kind, tone]) => ({
      yAxis: limit,
      name: `${kind} ${limit}`,
      // Level colours are never thin lines: the line is neutral, its label carries the level.
      lineStyle: { color: colour("--text"), type: "dashed", width: 1 },
      label: {
        formatter: `${kind} ${limit}`,
        position: "insideEndTop",
        padding: [1, 5],
        borderRadius: 2,
        color: colour(`--level-${tone}-text`) || colour("--text"),
        backgroundColor: colour(`--level-${tone}`) || "transparent",
      },
    }));
}

/** A bar from the lowest to the highest of each bucket. */
function rangeBars(width: number, hue: string): (parameters: unknown, api: never) => unknown {
  return (_parameters, given) => {
    const api = given as unknown as { value(at: number): number; coord(at: [number, number]): [number, number]; size(of: [number, number]): [number, number] };
    const low = api.value(2);
    const high = api.value(3);
    if (!Number.isFinite(low) || !Number.isFinite(high) || low === high) return undefined;
    const [left, top] = api.coord([api.value(0), high]);
    const [, bottom] = api.coord([api.value(0), low]);
    const wide = Math.max(1, api.size([width, 0])[0]);
    return { type: "rect", shape: { x: left, y: top, width: wide, height: Math.max(1, bottom - top) }, style: { fill: faded(hue, 0.25) } };
  };
}

/** The whole option, and how high the drawing is. */
export function draw(answer: Answer, config: Config, since: number, until: number, narrow: boolean): Frame {
  const curves = answer.points;
  const place = panes(curves, config.axes);
  const count = Math.max(1, Math.max(-1, ...place) + 1);
  const pane = count > 1 ? PANE : ONE_PANE;
  const left = narrow ? 44 : 60;
  const right = narrow ? 8 : 16;
  const ink = { axisLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: colour("--muted"), fontSize: 11 } };
  const grids = Array.from({ length: count }, (_, at) => ({ left, right, top: 24 + at * pane, height: pane - 54 }));
  const xAxes = grids.map((_, at) => ({
    type: "time",
    gridIndex: at,
    min: shifted(since),
    max: shifted(until),
    ...ink,
    axisLabel: { ...ink.axisLabel, hideOverlap: true },
    splitLine: { show: true, lineStyle: { color: colour("--line-soft") } },
    axisPointer: { label: { formatter: (told: { value: number }) => fullText(told.value - 8 * 3_600_000, until - since < 600_000) } },
  }));
  const yAxes = grids.map((_, at) => {
    const own = curves.filter((_curve, number) => place[number] === at);
    const ends = config.axes === "normal" ? [{ min: 0, max: 100 }] : own.map(extent).filter((each) => each !== undefined);
    const name = config.axes === "normal" ? "%" : config.axes === "stacked" && curves.length > 1 ? `${own[0]?.name} ${own[0]?.unit}` : (own[0]?.unit ?? "");
    return {
      type: "value",
      gridIndex: at,
      scale: true,
      name,
      nameLocation: "end",
      nameTextStyle: { color: colour("--text"), align: "left", padding: [0, 0, 0, -left + 12] },
      ...(ends.length ? { min: Math.min(...ends.map((each) => each.min)), max: Math.max(...ends.map((each) => each.max)) } : {}),
      ...ink,
      axisLabel: { ...ink.axisLabel, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
      splitLine: { lineStyle: { color: colour("--line-soft") } },
    };
  });
  const series = curves.flatMap((curve, number) => drawCurve(curve, number, answer, config, until, place[number] as number));
  return {
    height: 24 + count * pane,
    option: {
      useUTC: true,
      animation: false,
      aria: { enabled: false },
      grid: grids,
      xAxis: xAxes,
      yAxis: yAxes,
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      tooltip: {
        trigger: "axis",
        confine: true,
        transitionDuration: 0,
        backgroundColor: colour("--raised"),
        borderColor: colour("--line"),
        textStyle: { color: colour("--text"), fontSize: 12 },
        axisPointer: { type: "line", lineStyle: { color: colour("--muted") } },
        formatter: (shown: unknown) => tooltip(shown as Shown[], curves, until - since),
      },
      series,
    },
  };
}

type Shown = { seriesType: string; seriesId: string; value: Bucket };

function tooltip(shown: readonly Shown[], curves: readonly Curve[], span: number): HTMLElement | string {
  const lines = shown.filter((each) => each.seriesType === "line");
  if (!lines.length) return "";
  const box = document.createElement("div");
  const first = lines[0] as Shown;
  box.append(Object.assign(document.createElement("strong"), { textContent: fullText(first.value[0] - 8 * 3_600_000, span < 600_000) }));
  for (const { seriesId, value } of lines) {
    const curve = curves[Number(seriesId.slice(4))];
    if (!curve || value[1] === null) continue;
    const at = curve.t.length ? nearest(curve, value[0]) : -1;
    if (at < 0) continue;
    const range = curve.n[at] === 1 ? "" : ` (${text(curve.low[at] as number, curve)}–${text(curve.high[at] as number, curve)})`;
    const line = document.createElement("div");
    line.textContent = `${curves.length > 1 ? `${curve.name} ` : ""}${text(curve.mean[at] as number, curve)} ${curve.unit}${range}`;
    box.append(line);
  }
  return box;
}

let sinceOfAnswer = 0;

function nearest(curve: Curve, moment: number): number {
  const wanted = moment - 8 * 3_600_000 - sinceOfAnswer;
  let low = 0;
  let high = curve.t.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((curve.t[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function drawCurve(curve: Curve, number: number, answer: Answer, config: Config, until: number, pane: number): unknown[] {
  sinceOfAnswer = answer.since;
  const hue = document.documentElement.dataset["theme"] === "dark" ? lighter(HUES[number] as string) : (HUES[number] as string);
  const own = buckets(curve, answer.since).map(([time, ...rest]): Bucket => [shifted(time), ...rest]);
  const data = config.axes === "normal" ? normalised(own) : own;
  const axis = { xAxisIndex: pane, yAxisIndex: pane, silent: true };
  const decorated = config.axes !== "normal" && (config.axes === "stacked" || answer.points.length === 1);
  const few = data.length < 120;
  return [
    { type: "custom", id: `range${number}`, ...axis, renderItem: rangeBars(curve.width, hue), data, dimensions: ["t", "mean", "low", "high", "n"], encode: { x: 0, y: [2, 3] }, clip: true, z: 1 },
    {
      type: "line",
      id: `mean${number}`,
      name: curve.name,
      ...axis,
      data,
      encode: { x: 0, y: 1 },
      dimensions: ["t", "mean", "low", "high", "n"],
      showSymbol: few,
      symbolSize: 4,
      connectNulls: false,
      lineStyle: { width: 1.5, color: hue, type: DASHES[number] },
      itemStyle: { color: hue },
      z: 3,
      ...(decorated ? { markLine: { silent: true, symbol: "none", data: limitLines(curve) }, markArea: { silent: true, data: bands(curve, answer, until) } } : {}),
    },
  ];
}

/** The same hue for dark ground. */
export function lighter(hex: string): string {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `#${parts.map((part) => Math.round(part + (255 - part) * 0.5).toString(16).padStart(2, "0")).join("")}`;
}
