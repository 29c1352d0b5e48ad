/** 协同标绘: several posts draw on one map at the same time. Joins the board, the link to the node, the map, the panel and the replay. */

import "./plotting/plotting.css";

import maplibregl, { type Map as MapLibre } from "maplibre-gl";

import { newMap } from "./map/base";
import { Board, type Drawn, newId } from "./plotting/board";
import { readPlotConfig } from "./plotting/config";
import { centreOf, positionsOf, shapeOf } from "./plotting/geometry";
import { Link, type LinkState } from "./plotting/link";
import { Paint } from "./plotting/paint";
import { defaults, Panel } from "./plotting/panel";
import { People } from "./plotting/people";
import { savePicture } from "./plotting/picture";
import { Replay } from "./plotting/replay";
import { type Tool, Tools } from "./plotting/tools";
import { tell, type Word } from "./plotting/words";
import { say } from "./words";

const config = readPlotConfig();
const board = new Board();
const query = new URLSearchParams(location.search);
let map: MapLibre | undefined;
let paint: Paint | undefined;
let tools: Tools | undefined;
let symbol: string | undefined;
let drawing = 0;

const find = <T extends HTMLElement>(selector: string): T | null => document.querySelector<T>(selector);
const HINTS: Readonly<Partial<Record<Tool, Word>>> = {
  symbol: "hintSymbol",
  point: "hintPoint",
  text: "hintPoint",
  line: "hintLine",
  arrow: "hintLine",
  area: "hintArea",
  circle: "hintCircle",
  sector: "hintSector",
};

// --- notices ---

function showLink({ state, waiting }: LinkState): void {
  const chip = find("#plot-link");
  if (!chip) return;
  const word: Word =
    state === "signed-out" ? "linkSignedOut" : state === "lost" ? "linkLost" : state === "connecting" ? "linkConnecting" : waiting ? "linkSending" : "linkOpen";
  const text = tell(word, { count: waiting });
  if (chip.textContent !== text) chip.textContent = text;
  chip.dataset["state"] = state;
  chip.dataset["waiting"] = String(waiting);
}

function notice(text: string, more?: HTMLElement): void {
  const place = find("#plot-notice");
  if (!place) return;
  const box = Object.assign(document.createElement("div"), { className: "notice", textContent: text });
  if (more) box.append(" ", more);
  place.replaceChildren(box);
}

function offerRefused(message: string, kept: ReadonlyMap<string, unknown>): void {
  const link = Object.assign(document.createElement("a"), { className: "btn btn-small", textContent: tell("refusedDownload"), download: `${config.title}-unsent.json` });
  link.href = URL.createObjectURL(new Blob([JSON.stringify(Object.fromEntries(kept), null, 1)], { type: "application/json" }));
  notice(`${tell("refused", { message })} ${kept.size ? tell("refusedKept") : ""}`, kept.size ? link : undefined);
}

// --- parts ---

const people = new People(config, find("#plot-people"), undefined);
const link = new Link(config, board, {
  link: showLink,
  refused: offerRefused,
  restored: (count) => notice(tell("restored", { count })),
  storeFull: () => notice(tell("storeFull")),
  presence: (presence) => people.hear(presence),
  taken: () => drawSoon(),
});
const panel = new Panel(config, board, link, choose);
const replay = new Replay(
  config,
  () => link.sequence,
  (objects) => {
    document.documentElement.toggleAttribute("data-replaying", objects !== undefined);
    if (objects) {
      tools?.release();
      paint?.pick(undefined);
      paint?.show(objects);
    } else redraw();
  },
);

/** Whatever changed is drawn once, in the next frame. */
function drawSoon(): void {
  if (drawing) return;
  drawing = window.setTimeout(() => {
    drawing = 0;
    redraw();
    find("#plot-history")?.dispatchEvent(new CustomEvent("plotting-taken"));
  }, 16);
}

function redraw(): void {
  const objects = board.objects();
  document.documentElement.dataset["plotObjects"] = String(objects.length);
  panel.refresh(objects);
  if (replay.on) return;
  paint?.show(objects);
  tools?.follow(objects.find((drawn) => drawn.id === panel.picked));
}

function remember(): void {
  const now = new URLSearchParams(location.search);
  if (panel.picked) now.set("object", panel.picked);
  else now.delete("object");
  if (map) {
    const centre = map.getCenter();
    now.set("c", `${centre.lng.toFixed(4)},${centre.lat.toFixed(4)}`);
    now.set("z", map.getZoom().toFixed(2));
  }
  history.replaceState(history.state, "", `${location.pathname}?${now.toString().replaceAll("%2C", ",")}`);
}

/** Pick an object: its form opens, and who may can move it on the map. */
function choose(id: string | undefined, fly: boolean): void {
  panel.picked = id;
  const objects = board.objects();
  panel.refresh(objects);
  paint?.pick(id);
  const drawn = objects.find((each) => each.id === id);
  if (tools && tools.tool === "select" && !replay.on) {
    if (drawn && panel.mayChange(drawn.id)) tools.edit(drawn);
    else tools.release();
  }
  if (drawn && fly && map) show(map, drawn);
  remember();
}

function show(on: MapLibre, drawn: Drawn): void {
  const positions = positionsOf(shapeOf(drawn)) as [number, number][];
  if (positions.length === 1) {
    on.easeTo({ center: centreOf(drawn) as [number, number], zoom: Math.max(on.getZoom(), 13) });
    return;
  }
  const bounds = positions.reduce((box, each) => box.extend(each), new maplibregl.LngLatBounds(positions[0], positions[0]));
  on.fitBounds(bounds, { padding: 80, maxZoom: 15 });
}

function takeTool(tool: Tool): void {
  choose(undefined, false);
  tools?.take(tool);
  document.querySelectorAll<HTMLElement>("[data-tool]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset["tool"] === tool)));
  const palette = find("#plot-palette");
  if (palette) palette.hidden = tool !== "symbol";
  find("[data-tool=symbol]")?.setAttribute("aria-expanded", String(tool === "symbol"));
  const hint = find("#plot-hint");
  const word = HINTS[tool];
  if (hint) {
    hint.hidden = !word;
    (hint.firstElementChild as HTMLElement).textContent = word ? tell(word) : "";
    (hint.querySelector("[data-act=finish]") as HTMLElement).hidden = !["line", "arrow", "area"].includes(tool);
  }
}

function showUndo(): void {
  find<HTMLButtonElement>("[data-act=undo]")?.toggleAttribute("disabled", !board.canUndo);
  find<HTMLButtonElement>("[data-act=redo]")?.toggleAttribute("disabled", !board.canRedo);
}

const ACTS: Readonly<Record<string, () => void>> = {
  undo: () => board.undo(),
  redo: () => board.redo(),
  cancel: () => takeTool("select"),
  finish: () => map && tools?.finish(map),
  replay: () => replay.open(),
  png: () => {
    if (map) void savePicture(map, config, replay.on ? (find("#plot-then")?.textContent ?? "") : "");
  },
};

function listen(): void {
  document.body.addEventListener("click", (event) => {
    const target = event.target as Element;
    const tool = target.closest<HTMLElement>("[data-tool]")?.dataset["tool"] as Tool | undefined;
    if (tool) takeTool(tool);
    const act = target.closest<HTMLElement>("[data-act]")?.dataset["act"];
    if (act) ACTS[act]?.();
    const chosen = target.closest<HTMLElement>("[data-symbol]");
    if (!chosen) return;
    symbol = chosen.dataset["symbol"];
    document.querySelectorAll("[data-symbol]").forEach((each) => each.setAttribute("aria-pressed", String(each === chosen)));
    if (window.matchMedia("(max-width: 699px)").matches) (find("#plot-palette") as HTMLElement).hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    if ((event.target as Element).closest("input, textarea, select")) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") {
      event.preventDefault();
      if (event.shiftKey) board.redo();
      else board.undo();
    } else if (command && event.key.toLowerCase() === "y") {
      event.preventDefault();
      board.redo();
    } else if (event.key === "Delete" && panel.picked) panel.remove();
    else if (event.key === "Escape") takeTool("select");
  });
  document.body.addEventListener("sse:plotting.changed", (event) => {
    const { id } = (event as CustomEvent<{ id: string }>).detail;
    if (id === config.board) void checkSettings();
  });
  window.addEventListener("beforeunload", (event) => {
    if (link.waitingCount > 0) event.preventDefault();
  });
}

/** The board may have been closed or given other editors meanwhile. */
let checked = 0;
async function checkSettings(): Promise<void> {
  if (Date.now() - checked < 15_000) return;
  checked = Date.now();
  const answer = await fetch(config.urls.state, { headers: { Accept: "application/json", "X-Anlan-Unattended": "1" } }).catch(() => undefined);
  if (!answer?.ok) return;
  const told = (await answer.json()) as { mayDraw: boolean };
  if (told.mayDraw !== config.mayDraw) notice(tell("closedNow"));
}

/** The click that finishes an object picks nothing that lies beneath. */
const LAST_STROKE_MS = 350;
let madeAt = 0;

function startMap(made: MapLibre): void {
  map = made;
  paint = new Paint(made, config);
  people.watch(made);
  if (config.mayDraw) {
    tools = new Tools(
      made,
      (fields) => {
        const id = newId();
        board.put(id, { ...defaults(fields.kind, config, symbol), ...fields });
        takeTool("select");
        choose(id, false);
        madeAt = performance.now();
      },
      (id, geometry) => board.put(id, { geometry }),
    );
    const bar = find(".plot-tools");
    if (bar) bar.hidden = false;
  }
  made.on("click", (event) => {
    if (replay.on || (tools && tools.tool !== "select") || performance.now() - madeAt < LAST_STROKE_MS) return;
    const touch = (event.originalEvent as PointerEvent).pointerType === "touch";
    const id = paint?.at(event.point.x, event.point.y, touch ? 18 : 8);
    if (id !== panel.picked) choose(id, false);
  });
  made.on("mousemove", (event) => {
    const place = find("#plot-place");
    if (place) place.textContent = `${event.lngLat.lng.toFixed(5)}, ${event.lngLat.lat.toFixed(5)}`;
  });
  made.on("moveend", remember);
  redraw();
  made.once("idle", () => (document.documentElement.dataset["mapReady"] = ""));
  made.triggerRepaint();
}

function openMap(): void {
  const container = find("#plot-map");
  if (!container) return;
  try {
    const made = newMap(container, config.map, { maxZoom: 19 });
    made.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
    const scale = new maplibregl.ScaleControl({ maxWidth: 120, unit: "metric" });
    made.addControl(scale);
    const [longitude, latitude] = (query.get("c") ?? "").split(",").map(Number);
    const zoom = Number(query.get("z") ?? Number.NaN);
    if (Number.isFinite(longitude) && Number.isFinite(latitude) && Number.isFinite(zoom)) made.jumpTo({ center: [longitude as number, latitude as number], zoom });
    made.getCanvas().setAttribute("aria-label", say("map"));
    made.once("load", () => startMap(made));
  } catch (error) {
    console.warn("map", error);
    container.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: tell("noWebGL") }));
    document.documentElement.dataset["mapReady"] = "";
  }
}

board.onUndo = showUndo;
listen();
openMap();
void link.start().then(() => {
  document.documentElement.dataset["plotReady"] = "";
  redraw();
  const wanted = query.get("object");
  if (wanted && board.object(wanted)) choose(wanted, !query.has("c"));
  if (query.has("replay")) replay.open(Number(query.get("replay")) || 0);
});
