/** The event source itself, used inside the shared worker and, where a browser has none, in the page. */

import type { LiveMessage } from "./live-worker";

/** A browser gives up on a stream that answers with an error (the node restarts, the session ended); we ask again after this pause. */
const AGAIN_MS = 20_000;

export class LiveStream {
  private source: EventSource;
  private readonly kinds = new Set<string>();
  private again = 0;

  constructor(
    private readonly url: string,
    private readonly tell: (message: LiveMessage) => void,
  ) {
    this.source = this.connect();
  }

  private connect(): EventSource {
    const source = new EventSource(this.url);
    source.onopen = () => this.tell({ type: "state", state: "open" });
    source.onerror = () => {
      this.tell({ type: "state", state: "lost" });
      if (source.readyState !== EventSource.CLOSED) return;
      this.again = self.setTimeout(() => {
        this.source = this.connect();
      }, AGAIN_MS);
    };
    this.kinds.forEach((kind) => this.listen(source, kind));
    return source;
  }

  private listen(source: EventSource, kind: string): void {
    source.addEventListener(kind, (event) => this.tell({ type: "event", kind, data: (event as MessageEvent<string>).data }));
  }

  /** Listen to these kinds as well; kinds once wanted stay wanted. */
  want(kinds: readonly string[]): void {
    for (const kind of kinds) {
      if (this.kinds.has(kind)) continue;
      this.kinds.add(kind);
      this.listen(this.source, kind);
    }
  }

  close(): void {
    self.clearTimeout(this.again);
    this.source.close();
  }

  get open(): boolean {
    return this.source.readyState === EventSource.OPEN;
  }
}
