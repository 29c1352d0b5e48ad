/** Shared worker: one event stream for all pages of one account. Closes the stream when the last page has left. */

import { LiveStream } from "./live-stream";

export type LiveRequest = { url: string; kinds: readonly string[]; leave?: boolean };
export type LiveMessage = { type: "state"; state: "open" | "lost" } | { type: "event"; kind: string; data: string };

const ports = new Set<MessagePort>();
let stream: LiveStream | undefined;

function tellAll(message: LiveMessage): void {
  ports.forEach((port) => port.postMessage(message));
}

function serve(port: MessagePort, request: LiveRequest): void {
  if (request.leave) {
    ports.delete(port);
    if (ports.size === 0) {
      stream?.close();
      stream = undefined;
    }
    return;
  }
  ports.add(port);
  stream ??= new LiveStream(request.url, tellAll);
  stream.want(request.kinds);
  if (stream.open) port.postMessage({ type: "state", state: "open" } satisfies LiveMessage);
}

(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent<LiveRequest>) => serve(port, message.data);
  port.start();
};
