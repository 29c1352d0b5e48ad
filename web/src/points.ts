/** The live list of measuring points: up to ten thousand rows, newest values as they come. */

import { watchFeed } from "./live";
import { clockText } from "./moments";
import { COLUMNS, Grid } from "./points/grid";
import { Rows, type SortKey, type Told, type Values } from "./points/rows";
import { say } from "./words";

const MOST_COMPARED = 8;
/** States and orders that depend on values are reckoned again this often, never under somebody's pointer. */
const SETTLE_MS = 2_000;
/** Without a message for so long the values are called old. */
const STALE_MS = 25_000;
const KEPT = "anlan-point-columns";

type Message = { at: number; known: boolean } & Partial<Values>;

const query = (id: string): HTMLElement => document.querySelector(`#${id}`) as HTMLElement;

function hiddenColumns(): Set<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEPT) ?? "[]") as string[]);
  } catch {
    return new Set();
  }
}

class List {
  private readonly rows: Rows;
  private readonly grid: Grid;
  private readonly form = query("grid-filters") as HTMLFormElement;
  private readonly hidden = hiddenColumns();
  private sort: SortKey;
  private descending: boolean;
  private skew: number;
  private heard = performance.now();
  private readonly foot = Object.assign(document.createElement("p"), { className: "small muted grid-foot" });

  constructor(
    private readonly place: HTMLElement,
    told: Told,
    /** Not every point is loaded: filters other than the state go back to the node. */
    private readonly partial: boolean,
  ) {
    this.rows = new Rows(told);
    this.skew = told.at - Date.now();
    const asked = new URLSearchParams(location.search);
    this.sort = COLUMNS.find(({ key }) => key === asked.get("sort"))?.key ?? "name";
    this.descending = asked.get("order") === "down";
    const scroller = Object.assign(document.createElement("div"), { className: "grid", tabIndex: 0 });
    scroller.setAttribute("role", "grid");
    scroller.setAttribute("aria-label", say("pointsGrid"));
    scroller.setAttribute("aria-multiselectable", "true");
    this.grid = new Grid(scroller, this.rows, {
      sensorUrl: place.dataset["sensor"] as string,
      onSort: (key) => this.sortBy(key),
      onChoose: (chosen) => this.offerComparison(chosen),
    });
    place.replaceChildren(this.columnChoice(), ...this.pager(), scroller, this.foot);
    this.fillOwners();
    this.form.addEventListener("input", () => this.arrange());
    this.form.addEventListener("submit", (event) => {
      if (this.partial) return;
      event.preventDefault();
      this.arrange();
    });
    this.grid.drawHead(this.hidden, this.sort, this.descending);
    this.arrange();
    this.follow();
  }

  private now(): number {
    return Date.now() + this.skew;
  }

  private field(name: string): string {
    return String(new FormData(this.form).get(name) ?? "");
  }

  private arrange(): void {
    const wanted = { text: this.field("q"), state: this.field("state"), kind: this.field("class"), owner: this.field("enterprise") };
    this.rows.arrange(wanted, this.sort, this.descending, this.now());
    this.grid.tick(this.now());
    this.grid.reorder();
    query("grid-count").textContent = say("pointsShown", { shown: this.rows.order.length, total: this.rows.told.total });
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (value) asked.set(name, String(value));
    if (this.rows.told.offset) asked.set("offset", String(this.rows.told.offset));
    if (this.sort !== "name") asked.set("sort", this.sort);
    if (this.descending) asked.set("order", "down");
    const address = asked.toString();
    history.replaceState(null, "", address ? `?${address}` : location.pathname);
    this.tellFoot();
  }

  private sortBy(key: SortKey): void {
    this.descending = this.sort === key ? !this.descending : key === "value" || key === "time";
    this.sort = key;
    this.grid.drawHead(this.hidden, this.sort, this.descending);
    this.arrange();
    this.place.querySelector<HTMLElement>(`.grid-head .grid-${key} button`)?.focus();
  }

  private offerComparison(chosen: ReadonlySet<number>): void {
    const link = query("grid-compare") as HTMLAnchorElement;
    const ids = [...chosen].slice(0, MOST_COMPARED).map((row) => this.rows.told.rows.id[row] as string);
    link.href = `${this.place.dataset["compare"]}?${new URLSearchParams(ids.map((id) => ["p", id])).toString()}`;
    link.textContent = ids.length ? say("compareChosen", { count: ids.length }) : say("compare");
  }

  private columnChoice(): HTMLElement {
    const details = document.createElement("details");
    details.className = "list-taste";
    details.append(Object.assign(document.createElement("summary"), { textContent: say("columns") }));
    const row = Object.assign(document.createElement("div"), { className: "toolbar" });
    for (const { key, word, fixed } of COLUMNS) {
      if (fixed) continue;
      const label = Object.assign(document.createElement("label"), { className: "check" });
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !this.hidden.has(key) });
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(key);
        else this.hidden.add(key);
        localStorage.setItem(KEPT, JSON.stringify([...this.hidden]));
        this.grid.drawHead(this.hidden, this.sort, this.descending);
      });
      label.append(box, ` ${say(word)}`);
      row.append(label);
    }
    details.append(row);
    return details;
  }

  private pager(): HTMLElement[] {
    const { total, offset, rows } = this.rows.told;
    if (total <= rows.id.length) return [];
    const pager = Object.assign(document.createElement("nav"), { className: "pager" });
    pager.setAttribute("aria-label", say("pages"));
    const go = (to: number, word: "pageBack" | "pageOn"): void => {
      const asked = new URLSearchParams(location.search);
      asked.set("offset", String(to));
      pager.append(Object.assign(document.createElement("a"), { className: "btn btn-small", href: `?${asked}`, textContent: say(word) }));
    };
    pager.append(say("pointsPage", { first: offset + 1, last: offset + rows.id.length, total }));
    if (offset > 0) go(Math.max(0, offset - 10_000), "pageBack");
    if (offset + rows.id.length < total) go(offset + rows.id.length, "pageOn");
    return [pager];
  }

  private fillOwners(): void {
    const select = query("grid-owner") as HTMLSelectElement;
    const chosen = new URLSearchParams(location.search).get("enterprise") ?? "";
    const options = [...this.rows.told.owners].sort(([, a], [, b]) => a.localeCompare(b, "zh"));
    const first = select.options[0] as HTMLOptionElement;
    select.replaceChildren(first, ...options.map(([code, name]) => new Option(name, code, false, code === chosen)));
    query("grid-owner-field").hidden = false;
  }

  private follow(): void {
    const asked = new URLSearchParams(location.search);
    const wanted = new URLSearchParams();
    // With everything loaded filters work here alone, and the feed follows everything.
    const names = this.partial ? ["q", "class", "enterprise", "offset"] : [];
    for (const name of names) if (asked.get(name)) wanted.set(name, asked.get(name) as string);
    watchFeed("values", wanted.toString());
    document.body.addEventListener("sse:feed.values", (event) => this.hear((event as CustomEvent<Message>).detail));
    for (const kind of ["raised", "cleared"]) document.body.addEventListener(`sse:alarms.${kind}`, () => void this.readLevels(wanted));
    let under = false;
    this.place.addEventListener("pointerenter", () => (under = true));
    this.place.addEventListener("pointerleave", () => (under = false));
    window.setInterval(() => {
      const moving = this.sort === "value" || this.sort === "time" || this.sort === "state" || this.field("state") !== "";
      if (moving && !under) this.arrange();
      else this.grid.tick(this.now());
      this.tellFoot();
    }, SETTLE_MS);
  }

  private hear(message: Message): void {
    this.heard = performance.now();
    this.skew = message.at - Date.now();
    this.rows.known = message.known;
    this.rows.at = message.at;
    if (message.c) this.rows.take(message as Values);
    this.grid.tick(this.now());
  }

  private async readLevels(wanted: URLSearchParams): Promise<void> {
    const answer = await fetch(`${this.place.dataset["levels"]}?${wanted}`, { headers: { "X-Anlan-Unattended": "1", Accept: "application/json" } });
    if (!answer.ok) return;
    this.rows.takeLevels(((await answer.json()) as { levels: Record<string, number> }).levels);
    this.grid.tick(this.now());
  }

  private tellFoot(): void {
    const stale = performance.now() - this.heard > STALE_MS;
    this.place.classList.toggle("grid-stale", stale);
    const tally = this.rows.tally(this.now());
    const parts = [
      say("dataAt", { time: clockText(this.rows.at) }),
      stale ? say("valuesOld") : !this.rows.known ? say("storeSilent") : "",
      say("pointsTally", { alarm: tally.alarm, online: tally.online, offline: tally.offline + tally.never }),
      say("gridKeys"),
    ];
    this.foot.textContent = parts.filter(Boolean).join(" · ");
  }
}

async function read(address: string): Promise<Told | undefined> {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  return answer.ok ? ((await answer.json()) as Told) : undefined;
}

async function start(place: HTMLElement): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const filtered = ["q", "class", "enterprise"].some((name) => asked.get(name));
  const offset = asked.get("offset");
  let told = await read(`${place.dataset["rows"]}${offset ? `?offset=${offset}` : ""}`);
  const partial = told !== undefined && told.total > told.rows.id.length;
  if (partial && filtered) told = await read(`${place.dataset["rows"]}?${asked}`);
  // The server's own table stays where the rows cannot be read.
  if (!told) return;
  new List(place, told, partial);
  query("grid-plain").hidden = true;
  place.hidden = false;
}

const place = document.querySelector<HTMLElement>("#grid");
if (place) void start(place).finally(() => (document.documentElement.dataset["pointsReady"] = ""));
