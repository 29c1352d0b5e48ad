/** The points of the live list in columns, their newest values in typed arrays, and which of them are shown in which order. */

export type Columns = {
  id: string[];
  c: number[];
  name: string[];
  code: string[];
  device: string[];
  owner: number[];
  kind: number[];
  unit: string[];
  decimals: number[];
};

export type Values = { c: number[]; t: number[]; v: (number | null)[]; q: number[] };

export type Told = {
  total: number;
  offset: number;
  at: number;
  known: boolean;
  online_ms: number;
  owners: [string, string][];
  kinds: [string, string][];
  rows: Columns;
  values: Values;
  levels: Record<string, number>;
};

export type State = "alarm" | "online" | "offline" | "never" | "unknown";

/** What narrows the list; empty texts narrow nothing. `owner` and `kind` are codes. */
export type Wanted = { text: string; state: string; kind: string; owner: string };

export type SortKey = "name" | "code" | "owner" | "device" | "kind" | "value" | "time" | "state";

const STATE_ORDER: Record<State, number> = { alarm: 0, unknown: 1, offline: 2, never: 3, online: 4 };

export class Rows {
  readonly count: number;
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly quality: Uint8Array;
  readonly level: Uint8Array;
  known: boolean;
  /** The node's time of the newest message. */
  at: number;
  /** Rows shown, in order. */
  order: Int32Array;
  private readonly place = new Map<number, number>();
  private readonly haystack: string[];

  constructor(readonly told: Told) {
    const { rows } = told;
    this.count = rows.id.length;
    this.time = new Float64Array(this.count);
    this.value = new Float64Array(this.count);
    this.quality = new Uint8Array(this.count);
    this.level = new Uint8Array(this.count);
    this.known = told.known;
    this.at = told.at;
    rows.c.forEach((channel, row) => this.place.set(channel, row));
    this.haystack = rows.name.map((name, row) =>
      `${name} ${rows.code[row]} ${rows.device[row]} ${this.owner(row)[1]}`.toLowerCase(),
    );
    this.take(told.values);
    this.takeLevels(told.levels);
    this.order = Int32Array.from({ length: this.count }, (_, row) => row);
  }

  owner(row: number): [string, string] {
    return this.told.owners[this.told.rows.owner[row] as number] as [string, string];
  }

  kind(row: number): [string, string] {
    return this.told.kinds[this.told.rows.kind[row] as number] as [string, string];
  }

  /** Take in newest readings; rows of other pages are passed over. Returns how many rows changed. */
  take({ c, t, v, q }: Values): number {
    let changed = 0;
    for (let at = 0; at < c.length; at++) {
      const row = this.place.get(c[at] as number);
      if (row === undefined || (t[at] as number) < (this.time[row] as number)) continue;
      this.time[row] = t[at] as number;
      this.value[row] = v[at] ?? NaN;
      this.quality[row] = q[at] as number;
      changed++;
    }
    return changed;
  }

  takeLevels(levels: Record<string, number>): void {
    this.level.fill(0);
    for (const [channel, level] of Object.entries(levels)) {
      const row = this.place.get(Number(channel));
      if (row !== undefined) this.level[row] = level;
    }
  }

  state(row: number, now: number): State {
    if (this.level[row]) return "alarm";
    if (!this.known) return "unknown";
    const time = this.time[row] as number;
    if (!time) return "never";
    return now - time <= this.told.online_ms ? "online" : "offline";
  }

  valueText(row: number): string {
    if (!this.time[row]) return "—";
    const value = this.value[row] as number;
    const unit = this.told.rows.unit[row] as string;
    const text = Number.isFinite(value) ? value.toFixed(this.told.rows.decimals[row]) : "—";
    return unit ? `${text} ${unit}` : text;
  }

  /** Choose and order the rows shown. */
  arrange(wanted: Wanted, sort: SortKey, descending: boolean, now: number): void {
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    const owner = this.told.owners.findIndex(([code]) => code === wanted.owner);
    const kind = this.told.kinds.findIndex(([code]) => code === wanted.kind);
    const { rows } = this.told;
    const found: number[] = [];
    for (let row = 0; row < this.count; row++) {
      if (wanted.owner && rows.owner[row] !== owner) continue;
      if (wanted.kind && rows.kind[row] !== kind) continue;
      if (wanted.state && this.state(row, now) !== wanted.state) continue;
      if (words.length && !words.every((word) => (this.haystack[row] as string).includes(word))) continue;
      found.push(row);
    }
    this.order = this.sorted(found, sort, descending, now);
  }

  private sorted(found: number[], sort: SortKey, descending: boolean, now: number): Int32Array {
    const order = Int32Array.from(found);
    const rank = this.ranks(sort, now);
    if (!rank) return descending ? order.reverse() : order;
    const sign = descending ? -1 : 1;
    return order.sort((a, b) => sign * ((rank[a] as number) - (rank[b] as number)) || a - b);
  }

  /** A number for each row to sort by; the names come sorted from the node. */
  private ranks(sort: SortKey, now: number): Float64Array | undefined {
    const { rows } = this.told;
    if (sort === "name") return undefined;
    if (sort === "time") return this.time;
    if (sort === "value") return this.value.map((value, row) => (this.time[row] ? value : -Infinity));
    const ranks = new Float64Array(this.count);
    if (sort === "state") {
      for (let row = 0; row < this.count; row++) ranks[row] = STATE_ORDER[this.state(row, now)] * 10 + (this.level[row] as number);
      return ranks;
    }
    const text = (row: number): string =>
      sort === "owner" ? this.owner(row)[1] : sort === "kind" ? this.kind(row)[1] : (rows[sort][row] as string);
    const distinct = [...new Set(Array.from({ length: this.count }, (_, row) => text(row)))].sort(new Intl.Collator("zh").compare);
    const byText = new Map(distinct.map((each, place) => [each, place]));
    for (let row = 0; row < this.count; row++) ranks[row] = byText.get(text(row)) as number;
    return ranks;
  }

  /** How many of all rows are in which state. */
  tally(now: number): Record<State, number> {
    const found: Record<State, number> = { alarm: 0, online: 0, offline: 0, never: 0, unknown: 0 };
    for (let row = 0; row < this.count; row++) found[this.state(row, now)]++;
    return found;
  }
}
