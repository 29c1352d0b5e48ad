/** Shared worker: one event stream for all pages of one account. Closes the stream when the last page has left. */

import { LiveStream } from "./live-stream";

export type LiveRequest = { url: string; kinds: readonly string[]; feeds?: readonly string[]; leave?: boolean };
export type LiveMessage = { type: "state"; state: "open" | "lost" } | { type: "event"; kind: string; data: string };

/** Feeds wanted by each page. */
const ports = new Map<MessagePort, readonly string[]>();
let stream: LiveStream | undefined;
let regathering = 0;

function tellAll(message: LiveMessage): void {
  ports.forEach((_feeds, port) => port.postMessage(message));
}

function feedsWanted(): string[] {
  return [...new Set([...ports.values()].flat())].sort();
}

/** Pages come and go in bursts: the stream is opened anew once for all of them. */
function regather(): void {
  self.clearTimeout(regathering);
  regathering = self.setTimeout(() => stream?.follow(feedsWanted()), 150);
}

function serve(port: MessagePort, request: LiveRequest): void {
  if (request.leave) {
    ports.delete(port);
    if (ports.size === 0) {
      stream?.close();
      stream = undefined;
    } else regather();
    return;
  }
  ports.set(port, request.feeds ?? []);
  stream ??= new LiveStream(request.url, tellAll, feedsWanted());
  regather();
  stream.want(request.kinds);
  if (stream.open) port.postMessage({ type: "state", state: "open" } satisfies LiveMessage);
}

(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent<LiveRequest>) => serve(port, message.data);
  port.start();
};
