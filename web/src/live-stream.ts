/** The event source itself, used inside the shared worker and, where a browser has none, in the page. */

import type { LiveMessage } from "./live-worker";

export class LiveStream {
  private readonly source: EventSource;
  private readonly kinds = new Set<string>();

  constructor(
    url: string,
    private readonly tell: (message: LiveMessage) => void,
  ) {
    this.source = new EventSource(url);
    this.source.onopen = () => tell({ type: "state", state: "open" });
    this.source.onerror = () => tell({ type: "state", state: this.source.readyState === EventSource.OPEN ? "open" : "lost" });
    this.source.onmessage = (event: MessageEvent<string>) => {
      const kind = (JSON.parse(event.data) as { kind?: string }).kind;
      if (kind) tell({ type: "event", kind, data: event.data });
    };
  }

  /** Listen to these kinds as well; kinds once wanted stay wanted. */
  want(kinds: readonly string[]): void {
    for (const kind of kinds) {
      if (this.kinds.has(kind)) continue;
      this.kinds.add(kind);
      this.source.addEventListener(kind, (event) => {
        this.tell({ type: "event", kind, data: (event as MessageEvent<string>).data });
      });
    }
  }

  close(): void {
    this.source.close();
  }

  get open(): boolean {
    return this.source.readyState === EventSource.OPEN;
  }
}
