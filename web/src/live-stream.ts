/** The event source itself, used inside the shared worker and, where a browser has none, in the page. */

import type { LiveMessage } from "./live-worker";

/** A browser gives up on a stream that answers with an error (the node restarts, the session ended); we ask again after this pause. */
const AGAIN_MS = 20_000;

export class LiveStream {
  private source: EventSource;
  private readonly kinds = new Set<string>();
  private again = 0;
  private feeds: readonly string[] = [];
  private last = "";

  constructor(
    private readonly url: string,
    private readonly tell: (message: LiveMessage) => void,
    feeds: readonly string[] = [],
  ) {
    this.feeds = feeds;
    this.source = this.connect();
  }

  /** The address with the feeds wanted; a stream opened anew says itself what it heard last. */
  private address(): string {
    const asked = new URLSearchParams(this.feeds.map((feed) => ["feed", feed]));
    if (this.last) asked.set("last", this.last);
    const query = asked.toString();
    return query ? `${this.url}?${query}` : this.url;
  }

  private connect(): EventSource {
    const source = new EventSource(this.address());
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
    source.addEventListener(kind, (event) => {
      const { data, lastEventId } = event as MessageEvent<string>;
      if (source !== this.source) return;
      if (lastEventId) this.last = lastEventId;
      this.tell({ type: "event", kind, data });
    });
  }

  /** Listen to exactly these feeds from now on; what is the same goes on undisturbed. */
  follow(feeds: readonly string[]): void {
    if (feeds.length === this.feeds.length && feeds.every((feed, place) => feed === this.feeds[place])) return;
    this.feeds = feeds;
    self.clearTimeout(this.again);
    this.source.close();
    this.source = this.connect();
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
