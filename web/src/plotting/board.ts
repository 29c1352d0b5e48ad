/**
 * The board itself: a Yjs document with one flat table of keys `<object>:<field>`, so that two posts who change different fields of one
 * object both keep their change, and undoing takes back one's own only. Who drew is not in here: the server says it (`Marks`).
 */

import type { Geometry, LineString, Point, Polygon } from "geojson";
import * as Y from "yjs";

import type { Marks, Tone } from "./config";

export type Kind = "point" | "line" | "arrow" | "area" | "circle" | "sector" | "symbol" | "text";
export type Shape = Point | LineString | Polygon;
export type Fields = {
  kind: Kind;
  geometry: Shape;
  symbol?: string;
  title?: string;
  remark?: string;
  tone?: Tone;
  fill?: "none" | "light";
  dash?: "solid" | "dashed" | "dotted";
  radius?: number;
  from?: number;
  to?: number;
  turn?: number;
  lock?: boolean;
  deleted?: boolean;
};
export type Drawn = { readonly id: string; readonly fields: Readonly<Fields> };
export type Intents = Map<string, unknown>;

const LOCAL = Symbol("drawn here");
export const SHAPE_OF: Readonly<Record<Kind, Geometry["type"]>> = {
  point: "Point",
  line: "LineString",
  arrow: "LineString",
  area: "Polygon",
  circle: "Point",
  sector: "Point",
  symbol: "Point",
  text: "Point",
};

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Board {
  doc!: Y.Doc;
  readonly marks = new Map<string, Marks>();
  /** Called after every change; `own` is the update when it was drawn here. */
  onChange: (own: Uint8Array | undefined, keys: Intents) => void = () => undefined;
  onUndo: () => void = () => undefined;
  private table!: Y.Map<unknown>;
  private undoing!: Y.UndoManager;

  constructor() {
    this.renew();
  }

  /** Begin again with an empty document, and with a hand of its own. */
  renew(): void {
    this.doc?.destroy();
    this.doc = new Y.Doc();
    this.table = this.doc.getMap("objects");
    this.undoing = new Y.UndoManager(this.table, { trackedOrigins: new Set([LOCAL]), captureTimeout: 0 });
    let keys: Intents = new Map();
    this.table.observe((event, transaction) => {
      keys = new Map();
      if (transaction.local) for (const key of event.keysChanged) keys.set(key, this.table.get(key) ?? null);
    });
    this.doc.on("update", (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      this.onChange(transaction.local ? update : undefined, transaction.local ? keys : new Map());
    });
    for (const event of ["stack-item-added", "stack-item-popped", "stack-cleared"] as const) this.undoing.on(event, () => this.onUndo());
    this.onUndo();
  }

  apply(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, "server");
  }

  /** Everything that is to be seen, oldest first as the server numbered it. */
  objects(): Drawn[] {
    const found = new Map<string, Record<string, unknown>>();
    this.table.forEach((value, key) => {
      const [id, field] = key.split(":") as [string, string];
      let fields = found.get(id);
      if (!fields) found.set(id, (fields = {}));
      fields[field] = value;
    });
    const seen: Drawn[] = [];
    found.forEach((fields, id) => {
      if (fields["kind"] && fields["geometry"] && fields["deleted"] !== true) seen.push({ id, fields: fields as Fields });
    });
    const order = (id: string): number => this.marks.get(id)?.created.sequence ?? Number.MAX_SAFE_INTEGER;
    return seen.sort((a, b) => order(a.id) - order(b.id) || a.id.localeCompare(b.id));
  }

  object(id: string): Drawn | undefined {
    return this.objects().find((drawn) => drawn.id === id);
  }

  /** Set fields of an object (`undefined`: take away), as one step that can be undone. */
  put(id: string, fields: Partial<Record<keyof Fields, unknown>>): void {
    this.doc.transact(() => {
      for (const [field, value] of Object.entries(fields)) {
        const key = `${id}:${field}`;
        if (value === undefined || value === null) this.table.delete(key);
        else if (JSON.stringify(this.table.get(key)) !== JSON.stringify(value)) this.table.set(key, value);
      }
    }, LOCAL);
  }

  /** Draw again what was meant, on a document that was read anew. */
  redraw(intents: Intents): void {
    const groups = new Map<string, Partial<Record<keyof Fields, unknown>>>();
    intents.forEach((value, key) => {
      const [id, field] = key.split(":") as [string, keyof Fields];
      const fields = groups.get(id) ?? {};
      fields[field] = value;
      groups.set(id, fields);
    });
    groups.forEach((fields, id) => this.put(id, fields));
  }

  remove(id: string): void {
    this.put(id, { deleted: true });
  }

  undo(): void {
    this.undoing.undo();
  }

  redo(): void {
    this.undoing.redo();
  }

  get canUndo(): boolean {
    return this.undoing.canUndo();
  }

  get canRedo(): boolean {
    return this.undoing.canRedo();
  }
}
