/** Which stretch of time a chart shows, and the hands that move it: wheel, drag, two fingers, keys, buttons. */

const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_660 * 86_400_000;
const WHEEL_FACTOR = 1.2;
const KEY_FACTOR = 2;
const STEP = 0.25;

export class Viewport {
  since: number;
  until: number;
  live: boolean;

  constructor(
    since: number,
    until: number,
    live: boolean,
    /** The node's time now. */
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {
    this.since = since;
    this.until = until;
    this.live = live;
  }

  get span(): number {
    return this.until - this.since;
  }

  private set(since: number, until: number, live: boolean): void {
    this.since = since;
    this.until = until;
    this.live = live;
    this.changed();
  }

  /** Zoom around a moment; a live window keeps its end at now. */
  zoom(factor: number, around: number): void {
    const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.span * factor));
    if (this.live) return this.set(this.until - span, this.until, true);
    const share = (around - this.since) / this.span;
    const since = around - share * span;
    this.set(since, since + span, false);
  }

  /** Move by so many ms; whoever moves to the end of time is live again. */
  move(by: number): void {
    const latest = this.now();
    const until = Math.min(latest, this.until + by);
    this.set(until - this.span, until, until >= latest && by > 0);
  }

  show(span: number): void {
    const end = this.live || this.until > this.now() - span / 2 ? this.now() : this.until;
    this.set(end - span, end, this.live || end >= this.now());
  }

  goLive(): void {
    const now = this.now();
    this.set(now - this.span, now, true);
  }

  /** A live window follows the clock. Returns whether it moved. */
  advance(): boolean {
    if (!this.live) return false;
    const now = this.now();
    this.since += now - this.until;
    this.until = now;
    return true;
  }

  /** Let hands work on `element`; `area` tells where time begins and ends on it, in px. */
  listen(element: HTMLElement, area: () => { left: number; right: number }, spans: readonly number[]): void {
    const at = (x: number): number => {
      const { left, right } = area();
      return this.since + ((x - element.getBoundingClientRect().left - left) / (right - left)) * this.span;
    };
    element.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
        if (sideways) this.move((event.deltaX / (area().right - area().left)) * this.span);
        else this.zoom(event.deltaY > 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR, at(event.clientX));
      },
      { passive: false },
    );
    this.drag(element, area, at);
    element.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target !== element) return;
      const middle = (this.since + this.until) / 2;
      const number = Number(event.key);
      if (event.key === "+" || event.key === "=") this.zoom(1 / KEY_FACTOR, middle);
      else if (event.key === "-") this.zoom(KEY_FACTOR, middle);
      else if (event.key === "ArrowLeft") this.move(-STEP * this.span);
      else if (event.key === "ArrowRight") this.move(STEP * this.span);
      else if (event.key === "End") this.goLive();
      else if (number >= 1 && number <= spans.length) this.show((spans[number - 1] as number) * 1000);
      else return;
      event.preventDefault();
    });
  }

  private drag(element: HTMLElement, area: () => { left: number; right: number }, at: (x: number) => number): void {
    const fingers = new Map<number, number>();
    let apart = 0;
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, event.clientX);
      apart = 0;
    });
    element.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (before === undefined) return;
      fingers.set(event.pointerId, event.clientX);
      const [one, other] = [...fingers.values()];
      if (one !== undefined && other !== undefined) {
        const now = Math.max(10, Math.abs(one - other));
        if (apart) this.zoom(apart / now, at((one + other) / 2));
        apart = now;
        return;
      }
      if (event.clientX === before) return;
      element.setPointerCapture(event.pointerId);
      this.move((-(event.clientX - before) / (area().right - area().left)) * this.span);
    });
    const lift = (event: PointerEvent): void => {
      fingers.delete(event.pointerId);
      apart = 0;
    };
    element.addEventListener("pointerup", lift);
    element.addEventListener("pointercancel", lift);
  }
}
