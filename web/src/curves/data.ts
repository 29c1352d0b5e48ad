/** Curves as the node tells them, and what is asked of it. */

export type Config = {
  points: string[];
  since: number;
  until: number;
  live: boolean;
  axes: "stacked" | "shared" | "normal";
  address: boolean;
  curves: string;
  table: string;
  export: string;
  compare: string;
  statistics: string;
  spans: number[];
};

/** One point. Times of `t` are ms after `since` of the answer; `marks` from, to, bit; `limits` value, kind, tone. */
export type Curve = {
  id: string;
  c: number;
  name: string;
  code: string;
  owner: string;
  unit: string;
  decimals: number;
  width: number;
  gap: number;
  t: number[];
  low: number[];
  high: number[];
  mean: number[];
  last: (number | null)[] | null;
  n: number[];
  marks: [number, number, number][];
  limits: [number, string, string][];
  alarms: [number, number | null, number, string, string, boolean][];
  work: [number, number, string, string][];
  url: string;
};

export type Answer = { since: number; until: number; marks: Record<string, string>; points: Curve[] };

/** A bucket to draw: time, mean, lowest, highest, number of readings. `null`s are a gap. */
export type Bucket = [number, number | null, number | null, number | null, number];

/** Parameters that name the window: a live one by its length, another by its ends. */
export function windowQuery(points: readonly string[], since: number, until: number, live: boolean): URLSearchParams {
  const asked = new URLSearchParams(points.map((id) => ["p", id]));
  if (live) asked.set("span", String(Math.round((until - since) / 1000)));
  else {
    asked.set("since", String(Math.round(since)));
    asked.set("until", String(Math.round(until)));
  }
  return asked;
}

/** The buckets of a curve with a gap as a gap. */
export function buckets(curve: Curve, since: number): Bucket[] {
  const found: Bucket[] = [];
  let before = NaN;
  curve.t.forEach((time, at) => {
    const moment = since + time;
    if (moment - before > curve.gap) found.push([before + 1, null, null, null, 0]);
    found.push([moment, curve.mean[at] as number, curve.low[at] as number, curve.high[at] as number, curve.n[at] as number]);
    before = moment;
  });
  return found;
}
