/**
 * Between the board and the node: what is drawn goes up, what others draw comes in, and nothing drawn is lost when the connection is.
 *
 * Whatever was not acknowledged is kept in this browser, under the account, the board and this page's hand. A page that is opened again takes
 * it over and sends it; sending twice is harmless. When the node refuses something, the page begins again from the node's board and draws again
 * whatever was not about the refused object.
 */

import * as Y from "yjs";

import { watchFeed, watchLink } from "../live";
import { UNATTENDED } from "../map/config";
import type { Board, Intents } from "./board";
import { type Mark, type Marks, type PlotConfig, toBytes, token, toText } from "./config";

export type LinkState = { readonly state: "connecting" | "open" | "lost" | "signed-out"; readonly waiting: number };
export type Presence = { hand: number; cursor: [number, number] | null; leaving: boolean; account: string; name: string; post: string };
export type Hearer = {
  link(state: LinkState): void;
  refused(message: string, kept: Intents): void;
  restored(count: number): void;
  storeFull(): void;
  presence(presence: Presence): void;
  taken(): void;
};

type Message = { board: string; sequence?: number; update?: string; mark?: Mark; objects?: string[]; here?: number; presence?: Presence };
type State = { sequence: number; state: string; objects: Record<string, Marks> };
type Kept = { update: string; intents: [string, unknown][]; at: number };
type Waiting = { update: Uint8Array; at: number };
type Refusal = { code: string; message: string; object?: string };

const AGAIN_MS = [1_000, 2_000, 4_000, 10_000];
/** Updates that waited are sent together up to so many bytes; the node takes 256 KiB. */
const TOGETHER_BYTES = 96 * 1024;
const LATE_MS = 5_000;

export class Link {
  sequence = 0;
  private waiting: Waiting[] = [];
  private readonly intents: Intents = new Map();
  private sending = false;
  private failures = 0;
  private reachable = true;
  private signedOut = false;
  private stream: "connecting" | "open" | "lost" = "connecting";
  private loaded = false;
  private timer = 0;
  private catching: Promise<void> | undefined;

  constructor(
    private readonly config: PlotConfig,
    private readonly board: Board,
    private readonly hearer: Hearer,
  ) {}

  /** Read the board, take over what an earlier page could not send, and listen. Tries until the board is read. */
  async start(): Promise<void> {
    this.board.onChange = (own, keys) => {
      if (own) this.drawn(own, keys);
      this.hearer.taken();
    };
    await this.load();
    this.takeOver();
    document.body.addEventListener("sse:feed.plotting", (event) => this.hear((event as CustomEvent<Message>).detail));
    watchFeed("plotting", this.config.board);
    watchLink((state) => {
      this.stream = state;
      if (state === "open") {
        void this.catchUp();
        this.sendSoon(0);
      }
      this.show();
    });
    window.addEventListener("online", () => this.sendSoon(0));
    window.addEventListener("offline", () => this.failed());
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Whether something of this object was drawn here and is not acknowledged. */
  isWaiting(id: string): boolean {
    for (const key of this.intents.keys()) if (key.startsWith(id)) return true;
    return false;
  }

  // --- coming in ---

  private async load(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        this.take(await this.ask<State>(this.config.urls.state));
        this.loaded = true;
        return;
      } catch (error) {
        console.warn("board", error);
        this.failed();
        await new Promise((done) => window.setTimeout(done, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]));
      }
    }
  }

  private take(state: State): void {
    this.sequence = state.sequence;
    for (const [id, marks] of Object.entries(state.objects)) this.board.marks.set(id, marks);
    this.board.apply(toBytes(state.state));
    this.reached();
    this.hearer.taken();
  }

  private hear(message: Message): void {
    if (message.board !== this.config.board) return;
    if (message.presence) return this.hearer.presence(message.presence);
    if (message.update && message.sequence === this.sequence + 1) return this.takeOne(message);
    const known = message.here ?? message.sequence;
    if (known === undefined || known > this.sequence) void this.catchUp();
  }

  private takeOne(message: Message): void {
    this.sequence = message.sequence as number;
    const mark = message.mark as Mark;
    this.board.apply(toBytes(message.update as string));
    const now = new Map(this.board.objects().map((drawn) => [drawn.id, drawn.fields]));
    for (const id of message.objects ?? []) {
      const known = this.board.marks.get(id);
      const locked = now.get(id)?.lock === true ? (known?.locked ?? mark) : null;
      this.board.marks.set(id, { created: known?.created ?? mark, changed: mark, locked });
    }
    this.hearer.taken();
  }

  /** Ask for what was drawn since the last number heard. Asked once at a time. */
  private catchUp(): Promise<void> {
    this.catching ??= this.readMissing().finally(() => {
      this.catching = undefined;
    });
    return this.catching;
  }

  private async readMissing(): Promise<void> {
    if (!this.loaded) return;
    try {
      const answer = await this.ask<{ updates?: Message[]; anew?: boolean }>(`${this.config.urls.updates}?after=${this.sequence}`);
      if (answer.anew) this.take(await this.ask<State>(this.config.urls.state));
      for (const message of answer.updates ?? []) if (message.sequence === this.sequence + 1) this.takeOne(message);
      this.reached();
    } catch (error) {
      console.warn("board", error);
      this.failed();
    }
  }

  private async ask<T>(url: string): Promise<T> {
    const answer = await fetch(url, { headers: { Accept: "application/json", ...UNATTENDED } });
    if (answer.status === 401) this.signedOut = true;
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return (await answer.json()) as T;
  }

  // --- going up ---

  private drawn(update: Uint8Array, keys: Intents): void {
    keys.forEach((value, key) => this.intents.set(key, value));
    this.waiting.push({ update, at: Date.now() });
    this.keep();
    this.sendSoon(0);
    this.show();
  }

  private sendSoon(delay: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.send(), delay);
  }

  private async send(): Promise<void> {
    if (this.sending || !this.loaded || this.waiting.length === 0) return;
    this.sending = true;
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const each of this.waiting) {
      if (batch.length > 0 && bytes + each.update.length > TOGETHER_BYTES) break;
      batch.push(each);
      bytes += each.update.length;
    }
    const doc = this.board.doc;
    try {
      const first = (batch[0] as Waiting).at;
      const answer = await fetch(this.config.urls.updates, {
        method: "POST",
        headers: {
          "Content-Type": "application/octet-stream",
          Accept: "application/json",
          "X-CSRFToken": token(),
          ...(Date.now() - first > LATE_MS ? { "X-Drawn-At": String(first) } : {}),
        },
        body: Y.mergeUpdates(batch.map((each) => each.update)) as Uint8Array<ArrayBuffer>,
      });
      await this.answered(answer, batch, doc);
    } catch (error) {
      console.warn("board", error);
      this.failed();
    } finally {
      this.sending = false;
    }
    if (this.waiting.length > 0) this.sendSoon(this.failures ? (AGAIN_MS[Math.min(this.failures, AGAIN_MS.length) - 1] as number) : 0);
    this.show();
  }

  private async answered(answer: Response, batch: readonly Waiting[], doc: Y.Doc): Promise<void> {
    if (answer.status >= 500 || answer.status === 429) throw new Error(`status ${answer.status}`);
    const told = (await answer.json()) as { vector: string } & Refusal;
    if (answer.status === 401) {
      this.signedOut = true;
      throw new Error("signed out");
    }
    if (!answer.ok) {
      // Only the board's own word ends the life of a stroke; whatever else stands in the way (a proxy, a stale token) is waited out.
      if (!/^(plotting_|not_permitted$|not_found$)/.test(told.code ?? "")) throw new Error(`status ${answer.status}`);
      return this.refused(told);
    }
    this.reached();
    if (doc !== this.board.doc) return;
    const sent = new Set(batch);
    this.waiting = this.waiting.filter((each) => !sent.has(each));
    // The node says how much of this page's hand it holds. If it lacks something that we thought sent, it is sent again whole.
    const vector = toBytes(told.vector);
    const held = Y.decodeStateVector(vector).get(doc.clientID) ?? 0;
    const drawn = Y.decodeStateVector(Y.encodeStateVector(doc)).get(doc.clientID) ?? 0;
    if (this.waiting.length === 0) {
      if (held < drawn) this.waiting.push({ update: Y.encodeStateAsUpdate(doc, vector), at: Date.now() });
      else this.intents.clear();
    }
    this.keep();
  }

  /** Begin again from the node's board and draw again what was not refused. */
  private async refused(refusal: Refusal): Promise<void> {
    const kept: Intents = new Map();
    const again: Intents = new Map();
    const gap = refusal.code === "plotting_gap";
    this.intents.forEach((value, key) => {
      const about = !gap && (!refusal.object || key.startsWith(`${refusal.object}:`));
      (about ? kept : again).set(key, value);
    });
    const state = await this.ask<State>(this.config.urls.state);
    this.forget();
    this.waiting = [];
    this.intents.clear();
    this.board.renew();
    this.take(state);
    this.board.redraw(again);
    this.keep();
    if (!gap) this.hearer.refused(refusal.message, kept);
  }

  private failed(): void {
    this.failures += 1;
    this.reachable = false;
    this.show();
    if (this.waiting.length > 0 && !this.sending) this.sendSoon(AGAIN_MS[Math.min(this.failures, AGAIN_MS.length) - 1] as number);
  }

  private reached(): void {
    this.failures = 0;
    this.reachable = true;
    this.signedOut = false;
    this.show();
  }

  private show(): void {
    const waiting = this.waiting.length;
    const lost = this.stream === "lost" || !this.reachable || !navigator.onLine;
    const state = this.signedOut ? "signed-out" : lost ? "lost" : this.stream;
    this.hearer.link({ state, waiting });
  }

  // --- kept in this browser ---

  private get prefix(): string {
    return `anlan.plotting.${this.config.me.account}.${this.config.board}.`;
  }

  private keep(): void {
    const name = this.prefix + this.board.doc.clientID;
    try {
      if (this.waiting.length === 0) return localStorage.removeItem(name);
      const kept: Kept = {
        update: toText(Y.mergeUpdates(this.waiting.map((each) => each.update))),
        intents: [...this.intents],
        at: (this.waiting[0] as Waiting).at,
      };
      localStorage.setItem(name, JSON.stringify(kept));
    } catch {
      this.hearer.storeFull();
    }
  }

  private forget(): void {
    try {
      localStorage.removeItem(this.prefix + this.board.doc.clientID);
    } catch {
      // A private window keeps nothing; then there is nothing to forget.
    }
  }

  /** What an earlier page of this account left unsent becomes this page's to send. */
  private takeOver(): void {
    let names: string[] = [];
    try {
      names = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix));
    } catch {
      return;
    }
    for (const name of names) {
      try {
        const kept = JSON.parse(localStorage.getItem(name) ?? "") as Kept;
        const update = toBytes(kept.update);
        this.board.apply(update);
        kept.intents.forEach(([key, value]) => this.intents.set(key, value));
        this.waiting.push({ update, at: kept.at });
      } catch (error) {
        console.warn("board", error);
      }
    }
    if (this.waiting.length === 0) return;
    this.keep();
    names.forEach((name) => localStorage.removeItem(name));
    this.hearer.restored(this.intents.size);
    this.sendSoon(0);
  }
}
