/** The drawn plan of a plant: values and colours as they come, and hands that put things in their places. */

import { watchFeed } from "./live";
import { clockText, dayText } from "./moments";
import { say } from "./words";

type Known = { decimals: number; unit: string; level: number | null; at: number };
type Config = { enterprise: string; scale: number; zero: [number, number]; online: number; known: boolean; levels: string; points: Record<string, Known> };
type Message = { at: number; known: boolean; c?: number[]; t?: number[]; v?: (number | null)[] };

const TONES = ["", "red", "orange", "yellow", "blue"];
const STATE_MS = 5_000;
const config = JSON.parse(document.querySelector("#plan-config")?.textContent ?? "{}") as Config;
const root = document.querySelector<HTMLElement>("#plan");
const times = new Map<string, number>();
let skew = 0;
let known = config.known;

const each = (selector: string, act: (element: HTMLElement) => void): void => document.querySelectorAll<HTMLElement>(selector).forEach(act);

function write(channel: string, value: number | null): void {
  const point = config.points[channel];
  if (!point) return;
  const text = value === null ? "—" : `${value.toFixed(point.decimals)} ${point.unit}`.trim();
  each(`[data-value="${channel}"]`, (element) => (element.textContent = text));
  each(`[data-time="${channel}"]`, (element) => (element.textContent = dayText(times.get(channel) ?? 0)));
  each(`[data-tag="${channel}"] .plan-tag-value`, (element) => (element.textContent = text));
  if (value === null) return;
  each(`[data-fill="${channel}"]`, (rect) => {
    const { low, high, top, full } = rect.dataset as Record<string, string>;
    if (!low || !high || Number(high) <= Number(low)) return;
    const share = Math.min(1, Math.max(0, (value - Number(low)) / (Number(high) - Number(low))));
    rect.setAttribute("y", String(Number(top) + Number(full) * (1 - share)));
    rect.setAttribute("height", String(Number(full) * share));
    each(`[data-percent="${channel}"]`, (label) => (label.textContent = `${Math.round(share * 100)} %`));
  });
}

/** Colour and word of a point: an alarm before everything, unknown never as normal. */
function writeState(channel: string): void {
  const point = config.points[channel];
  if (!point) return;
  const time = times.get(channel);
  const level = point.level;
  const fresh = time !== undefined && Date.now() + skew - time <= config.online;
  const state = level ? "alarm" : !known ? "unknown" : time === undefined ? "never" : fresh ? "online" : "offline";
  const tone = level ? (TONES[level] ?? "red") : state === "online" ? "green" : "grey";
  const text = level ? say(`level${level as 1 | 2 | 3 | 4}`) : say(`state_${state}`);
  each(`[data-state="${channel}"]`, (cell) => {
    const chip = cell.querySelector(".chip");
    if (chip && chip.textContent === text) return;
    cell.replaceChildren(Object.assign(document.createElement("span"), { className: `chip chip-${tone}`, textContent: text }));
  });
  each(`[data-tag="${channel}"]`, (tag) => {
    tag.setAttribute("class", `plan-tag plan-tag-${tone}`);
    const title = tag.querySelector("title");
    if (title) title.textContent = `${title.textContent?.split(" · ").slice(0, 2).join(" · ")} · ${text}`;
  });
}

function hear(message: Message): void {
  skew = message.at - Date.now();
  known = message.known;
  message.c?.forEach((channel, at) => {
    const key = String(channel);
    if (!config.points[key]) return;
    times.set(key, message.t?.[at] as number);
    write(key, message.v?.[at] ?? null);
    writeState(key);
  });
  const told = document.querySelector("#plan-state");
  const text = `${say("dataAt", { time: clockText(message.at) })}${known ? "" : ` · ${say("storeSilent")}`}`;
  if (told && told.textContent !== text) told.textContent = text;
}

async function readLevels(): Promise<void> {
  const answer = await fetch(config.levels, { headers: { Accept: "application/json", "X-Anlan-Unattended": "1" } });
  if (!answer.ok) return;
  const { levels } = (await answer.json()) as { levels: Record<string, number> };
  for (const [channel, point] of Object.entries(config.points)) {
    point.level = levels[channel] ?? null;
    writeState(channel);
  }
}

/** Drag a figure, or something from the tray, onto the plan: the form below sends what was done. */
function arrange(plan: HTMLElement): void {
  const drawing = plan.querySelector<SVGSVGElement>(".plan-drawing");
  const form = document.querySelector<HTMLFormElement>("#plan-form");
  if (!form) return;
  const send = (key: string, x: number, y: number): void => {
    const set = (name: string, value: string): void => {
      (form.elements.namedItem(name) as HTMLInputElement).value = value;
    };
    set("thing", key);
    set("east_m", ((x - config.zero[0]) / config.scale).toFixed(1));
    set("north_m", ((config.zero[1] - y) / config.scale).toFixed(1));
    form.requestSubmit(form.querySelector<HTMLButtonElement>("button:not([name])"));
  };
  const at = (event: PointerEvent): DOMPoint | undefined => {
    const matrix = drawing?.getScreenCTM();
    return matrix ? new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()) : undefined;
  };
  each("[data-block], [data-tray]", (thing) => {
    const key = thing.dataset["block"] ?? thing.dataset["tray"] ?? "";
    let from: DOMPoint | undefined;
    thing.addEventListener("click", (event) => event.preventDefault());
    thing.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      from = at(event);
      thing.setPointerCapture(event.pointerId);
      thing.classList.add("plan-held");
    });
    thing.addEventListener("pointermove", (event) => {
      const to = at(event);
      if (!from || !to) return;
      if (thing instanceof SVGElement) thing.setAttribute("transform", `translate(${to.x - from.x} ${to.y - from.y})`);
      else thing.style.transform = `translate(${event.clientX - thing.offsetLeft}px, 0)`;
    });
    thing.addEventListener("pointerup", (event) => {
      const to = at(event);
      thing.classList.remove("plan-held");
      thing.removeAttribute("style");
      if (!from || !to || !drawing) return;
      const far = Math.hypot(to.x - from.x, to.y - from.y) > 4;
      const centre = thing.dataset["centre"]?.split(" ").map(Number);
      const onPlan = document.elementsFromPoint(event.clientX, event.clientY).includes(drawing);
      if (far && centre) send(key, (centre[0] as number) + to.x - from.x, (centre[1] as number) + to.y - from.y);
      else if (far && onPlan) send(key, to.x, to.y);
      from = undefined;
    });
  });
}

if (root) {
  for (const [channel, point] of Object.entries(config.points)) if (point.at) times.set(channel, point.at);
  watchFeed("values", new URLSearchParams({ enterprise: config.enterprise }).toString());
  document.body.addEventListener("sse:feed.values", (event) => hear((event as CustomEvent<Message>).detail));
  for (const kind of ["raised", "cleared"]) document.body.addEventListener(`sse:alarms.${kind}`, () => void readLevels());
  window.setInterval(() => Object.keys(config.points).forEach(writeState), STATE_MS);
  if (root.classList.contains("plan-arranging")) arrange(root);
  document.documentElement.dataset["planReady"] = "";
}
