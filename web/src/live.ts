/**
 * One event stream for the whole browser. A shared worker per account holds the stream, so that ten open pages cost one connection
 * (HTTP/1.1 allows six per host). Every event arrives on <body> as `sse:<kind>`; htmx fragments listen with
 * `hx-trigger="sse:alarms.raised from:body"`.
 */

import type { LiveMessage, LiveRequest } from "./live-worker";

export type LinkState = "connecting" | "open" | "lost";

/** Within a burst of one kind the first event is told at once and the last one after this pause: every hearer reads the state anew. */
const PAUSE_MS = 100;
const waiting = new Map<string, string | undefined>();

/** Feeds that this page follows, `name:wanted`; see `watchFeed`. */
const feeds = new Set<string>();
let regather: () => void = () => undefined;

let state: LinkState = "connecting";
const watchers = new Set<(state: LinkState) => void>();

/** Call `watcher` now and whenever the stream opens or is lost. */
export function watchLink(watcher: (state: LinkState) => void): void {
  watchers.add(watcher);
  watcher(state);
}

function hear(message: LiveMessage): void {
  if (message.type === "state") {
    state = message.state;
    watchers.forEach((watcher) => watcher(state));
    return;
  }
  const { kind, data } = message;
  // Messages of a feed add up: none may be left out.
  if (kind.startsWith("feed.")) return tell(kind, data);
  if (waiting.has(kind)) {
    waiting.set(kind, data);
    return;
  }
  tell(kind, data);
  waiting.set(kind, undefined);
  window.setTimeout(() => {
    const last = waiting.get(kind);
    waiting.delete(kind);
    if (last !== undefined) tell(kind, last);
  }, PAUSE_MS);
}

function tell(kind: string, data: string): void {
  let detail: unknown = data;
  try {
    detail = JSON.parse(data);
  } catch {
    // A plain text event is passed on as text.
  }
  document.body.dispatchEvent(new CustomEvent(`sse:${kind}`, { detail, bubbles: false }));
}

/**
 * Follow a feed of the live stream, for example `watchFeed("values", "enterprise=…")`; its messages arrive on <body> as `sse:feed.<name>`.
 * The feed is told to every page of the browser that follows it: take from a message what is yours.
 */
export function watchFeed(name: string, wanted: string): void {
  for (const known of [...feeds]) if (known.startsWith(`${name}:`)) feeds.delete(known);
  feeds.add(`${name}:${wanted}`);
  regather();
}

/** Kinds that the page's own markup waits for. */
function kindsWanted(): string[] {
  const kinds = new Set<string>();
  document.querySelectorAll("[hx-trigger*='sse:'], [data-live-kinds]").forEach((element) => {
    const text = `${element.getAttribute("hx-trigger") ?? ""} ${element.getAttribute("data-live-kinds") ?? ""}`;
    for (const match of text.matchAll(/sse:([\w.-]+)/g)) kinds.add(match[1] as string);
  });
  return [...kinds];
}

function feedKinds(): string[] {
  return [...feeds].map((feed) => `feed.${feed.split(":", 1)[0]}`);
}

/** Join the stream named by `<body data-live="/live/">`; does nothing on pages without one (sign-in). */
export function joinLive(): void {
  const url = document.body.dataset["live"];
  if (!url) return;
  const ask = (): LiveRequest => ({ url, kinds: [...kindsWanted(), ...feedKinds()], feeds: [...feeds] });
  if (typeof SharedWorker === "function") {
    const worker = new SharedWorker(new URL("./live-worker.ts", import.meta.url), {
      type: "module",
      name: `anlan-live-${document.body.dataset["account"] ?? ""}`,
    });
    worker.port.onmessage = (event: MessageEvent<LiveMessage>) => hear(event.data);
    worker.port.start();
    const send = (request: LiveRequest): void => worker.port.postMessage(request);
    regather = () => send(ask());
    regather();
    document.body.addEventListener("htmx:load", () => regather());
    window.addEventListener("pagehide", () => worker.port.postMessage({ url, kinds: [], leave: true } satisfies LiveRequest));
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) regather();
    });
    return;
  }
  void import("./live-stream").then(({ LiveStream }) => {
    const stream = new LiveStream(url, hear, [...feeds]);
    regather = () => {
      stream.want(ask().kinds);
      stream.follow([...feeds]);
    };
    regather();
    document.body.addEventListener("htmx:load", () => regather());
  });
}
