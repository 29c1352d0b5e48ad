/** A table of any length of which only the rows in view exist: rows are drawn again only where a text changed. */

import { dayText } from "../moments";
import { say, type Word } from "../words";
import { REMARKS } from "./remarks";
import type { Rows, SortKey } from "./rows";

const SPARE_ROWS = 6;
const TONES: Record<number, string> = { 1: "red", 2: "orange", 3: "yellow", 4: "blue" };

type Column = { key: SortKey; word: Word; fixed?: true; number?: true };

export const COLUMNS: readonly Column[] = [
  { key: "name", word: "pointName", fixed: true },
  { key: "code", word: "pointCode" },
  { key: "owner", word: "pointOwner" },
  { key: "device", word: "pointDevice" },
  { key: "kind", word: "pointKind" },
  { key: "value", word: "pointValue", fixed: true, number: true },
  { key: "time", word: "pointTime" },
  { key: "state", word: "pointState", fixed: true },
];

type Line = { element: HTMLElement; row: number; at: number; shown: string[]; cells: HTMLElement[]; link: HTMLAnchorElement; chip: HTMLElement };

export type Told = { onSort: (key: SortKey) => void; onChoose: (chosen: ReadonlySet<number>) => void; sensorUrl: string };

export class Grid {
  /** Rows chosen for a comparison. */
  readonly chosen = new Set<number>();
  private readonly head: HTMLElement;
  private readonly body: HTMLElement;
  private readonly lines: Line[] = [];
  private active = -1;
  private frame = 0;
  private rowHeight = 30;
  private room = 600;
  private height = -1;
  private now = 0;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly rows: Rows,
    private readonly told: Told,
  ) {
    this.head = document.createElement("div");
    this.head.className = "grid-head";
    this.head.setAttribute("role", "rowgroup");
    this.body = document.createElement("div");
    this.body.className = "grid-body";
    this.body.setAttribute("role", "rowgroup");
    scroller.replaceChildren(this.head, this.body);
    scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    scroller.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("click", (event) => this.onClick(event));
    new ResizeObserver(() => {
      this.measure();
      this.draw();
    }).observe(scroller);
  }

  /** Draw the head again: which columns, which order. */
  drawHead(hidden: ReadonlySet<string>, sort: SortKey, descending: boolean): void {
    const row = document.createElement("div");
    row.className = "grid-row";
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", "1");
    COLUMNS.forEach((column, place) => {
      const cell = document.createElement("div");
      cell.className = `grid-cell grid-${column.key}`;
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-colindex", String(place + 1));
      if (column.key === sort) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = say(column.word);
      button.addEventListener("click", () => this.told.onSort(column.key));
      cell.append(button);
      row.append(cell);
    });
    this.head.replaceChildren(row);
    COLUMNS.forEach(({ key }) => this.scroller.classList.toggle(`without-${key}`, hidden.has(key)));
    this.scroller.setAttribute("aria-colcount", String(COLUMNS.length));
  }

  /** The order changed: the active row stays the same point, the scroll place stays where it is. */
  reorder(): void {
    this.scroller.setAttribute("aria-rowcount", String(this.rows.order.length + 1));
    if (this.active >= 0 && !this.rows.order.includes(this.active)) this.active = -1;
    this.lines.forEach((line) => (line.row = -1));
    if (this.height < 0) this.measure();
    this.draw();
  }

  /** Draw what is in view with the next frame. */
  draw(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawNow();
    });
  }

  /** States depend on the node's time: tell it, then draw. */
  tick(now: number): void {
    this.now = now;
    this.draw();
  }

  /** Sizes are asked for when they may have changed, not in every frame: each asking costs a layout. */
  private measure(): void {
    this.rowHeight = parseFloat(getComputedStyle(this.scroller).getPropertyValue("--grid-row")) || 30;
    this.room = this.scroller.clientHeight;
    this.lines.forEach((line) => (line.at = -1));
  }

  private drawNow(): void {
    const { order } = this.rows;
    const height = order.length * this.rowHeight;
    if (this.height !== height) {
      this.height = height;
      this.body.style.height = `${height}px`;
    }
    const visible = Math.ceil(this.room / this.rowHeight) + 2 * SPARE_ROWS;
    const needed = Math.min(order.length, visible);
    while (this.lines.length < needed) this.lines.push(this.newLine());
    while (this.lines.length > needed) this.lines.pop()?.element.remove();
    const furthest = Math.max(0, order.length - needed);
    const first = Math.min(furthest, Math.max(0, Math.floor(this.scroller.scrollTop / this.rowHeight) - SPARE_ROWS));
    for (let at = first; at < first + needed; at++) {
      // A row keeps its line while it stays in view, so that focus and selection stay with it.
      this.write(this.lines[at % needed] as Line, at, order[at] as number);
    }
  }

  private newLine(): Line {
    const element = document.createElement("div");
    element.className = "grid-row";
    element.setAttribute("role", "row");
    const cells = COLUMNS.map((column, place) => {
      const cell = document.createElement("div");
      cell.className = `grid-cell grid-${column.key}${column.number ? " number" : ""}`;
      cell.setAttribute("role", place === 0 ? "rowheader" : "gridcell");
      cell.setAttribute("aria-colindex", String(place + 1));
      element.append(cell);
      return cell;
    });
    const link = document.createElement("a");
    link.tabIndex = -1;
    (cells[0] as HTMLElement).append(link);
    const chip = document.createElement("span");
    (cells[7] as HTMLElement).append(chip);
    this.body.append(element);
    return { element, row: -1, at: -1, shown: [], cells, link, chip };
  }

  private write(line: Line, at: number, row: number): void {
    const { rows } = this;
    const { element, cells, shown } = line;
    const columns = rows.told.rows;
    if (line.row !== row || line.at !== at) {
      line.at = at;
      element.style.transform = `translateY(${at * this.rowHeight}px)`;
      element.setAttribute("aria-rowindex", String(at + 2));
      element.id = `point-${columns.c[row]}`;
    }
    if (line.row !== row) {
      line.row = row;
      line.link.textContent = columns.name[row] as string;
      line.link.href = `${this.told.sensorUrl}${columns.id[row]}/`;
      (cells[1] as HTMLElement).textContent = columns.code[row] as string;
      (cells[2] as HTMLElement).textContent = rows.owner(row)[1];
      (cells[3] as HTMLElement).textContent = columns.device[row] as string;
      (cells[4] as HTMLElement).textContent = rows.kind(row)[1];
      shown.length = 0;
    }
    this.put(line, 5, rows.valueText(row));
    this.put(line, 6, rows.time[row] ? dayText(rows.time[row] as number) : "—");
    const state = rows.state(row, this.now);
    const key = `${state}${rows.level[row]}${rows.quality[row]}`;
    if (shown[7] !== key) {
      shown[7] = key;
      this.writeState(line, state, rows.level[row] as number, rows.quality[row] as number);
      element.classList.toggle("grid-offline", state === "offline" || state === "never" || state === "unknown");
    }
    const marked = `${row === this.active}${this.chosen.has(row)}`;
    if (shown[8] !== marked) {
      shown[8] = marked;
      element.classList.toggle("row-here", row === this.active);
      element.setAttribute("aria-selected", String(this.chosen.has(row)));
    }
  }

  private put(line: Line, place: number, text: string): void {
    if (line.shown[place] === text) return;
    line.shown[place] = text;
    (line.cells[place] as HTMLElement).textContent = text;
  }

  private writeState(line: Line, state: ReturnType<Rows["state"]>, level: number, quality: number): void {
    const { chip } = line;
    const alarm = state === "alarm";
    const tone = alarm ? (TONES[level] ?? "red") : state === "online" ? "green" : "grey";
    chip.className = `chip chip-${tone}`;
    chip.textContent = alarm ? say(`level${(level || 1) as 1 | 2 | 3 | 4}`) : say(`state_${state}`);
    while (chip.nextSibling) chip.nextSibling.remove();
    for (const [bit, word] of REMARKS) {
      if (!(quality & bit)) continue;
      chip.parentElement?.append(Object.assign(document.createElement("span"), { className: "chip chip-grey", textContent: say(word) }));
    }
  }

  private onClick(event: Event): void {
    const element = (event.target as Element).closest<HTMLElement>(".grid-row");
    const line = this.lines.find((each) => each.element === element);
    if (!line) return;
    this.move(line.row);
    if ((event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey) return;
    if (!(event.target as Element).closest("a")) this.choose(line.row);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest("button")) return;
    const { order } = this.rows;
    const here = this.active < 0 ? -1 : order.indexOf(this.active);
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 2);
    const steps: Record<string, number> = { ArrowDown: here + 1, j: here + 1, ArrowUp: here - 1, k: here - 1 };
    Object.assign(steps, { PageDown: here + page, PageUp: here - page, Home: 0, End: order.length - 1 });
    const target = steps[event.key];
    if (target !== undefined && order.length) {
      this.move(order[Math.min(order.length - 1, Math.max(0, target))] as number, true);
    } else if (event.key === "Enter" && this.active >= 0) {
      location.assign(`${this.told.sensorUrl}${this.rows.told.rows.id[this.active]}/`);
    } else if (event.key === " " && this.active >= 0) {
      this.choose(this.active);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private move(row: number, intoView = false): void {
    this.active = row;
    const at = this.rows.order.indexOf(row);
    if (intoView) {
      const top = at * this.rowHeight;
      const room = this.scroller.clientHeight - this.head.offsetHeight - this.rowHeight;
      if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
      else if (top > this.scroller.scrollTop + room) this.scroller.scrollTop = top - room;
    }
    this.drawNow();
    this.scroller.setAttribute("aria-activedescendant", `point-${this.rows.told.rows.c[row]}`);
  }

  private choose(row: number): void {
    if (!this.chosen.delete(row)) this.chosen.add(row);
    this.told.onChoose(this.chosen);
    this.drawNow();
  }
}
