/**
 * What waits for a network, in the browser's own database: acts in the order in which they were done, and the pictures that belong to them.
 *
 * An act and its pictures are written together or not at all, and are on the disk before anybody is told that they are kept. Each act is a row
 * of its own, so that two pages of one phone never write over one another's (local storage, read whole and written whole, does lose them).
 */

/** `file`: name of the picture that waits under the key of the act; `main`: key of the act that must arrive before; `told`: done, with a remark;
 * `later`: waits for a good link. */
export type Act = {
  account: string;
  once: string;
  url: string;
  body: string;
  label: string;
  at: number;
  file?: string;
  main?: string;
  later?: boolean;
  refused?: string;
  told?: string;
};
/** An act as it is kept; `order` is its place among all that wait. */
export type Kept = Act & { order: number };

const NAME = "anlan-offline";
const ACTS = "acts";
const FILES = "files";

function open(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 2);
    asked.onupgradeneeded = () => {
      const held = asked.result.objectStoreNames;
      if (!held.contains(FILES)) asked.result.createObjectStore(FILES);
      if (!held.contains(ACTS)) asked.result.createObjectStore(ACTS, { keyPath: "order", autoIncrement: true }).createIndex("account", "account");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = asked.onblocked = () => failed(asked.error);
  });
}

type Stores = { acts: IDBObjectStore; files: IDBObjectStore };

/** Run one transaction over both stores; what `work` returns is read when the transaction is through. */
async function within<T>(mode: IDBTransactionMode, work: (stores: Stores) => () => T): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((done, failed) => {
      const through = database.transaction([ACTS, FILES], mode, { durability: "strict" });
      const read = work({ acts: through.objectStore(ACTS), files: through.objectStore(FILES) });
      through.oncomplete = () => done(read());
      through.onerror = through.onabort = () => failed(through.error);
    });
  } finally {
    database.close();
  }
}

/** What waits of an account, first done first; nothing where the browser keeps nothing. */
export async function waiting(account: string): Promise<Kept[]> {
  try {
    return await within("readonly", ({ acts }) => {
      const asked = acts.index("account").getAll(account) as IDBRequest<Kept[]>;
      return () => asked.result;
    });
  } catch {
    return [];
  }
}

/** Keep acts behind those that wait already, with their pictures by key; `null` where the browser has no room or no store. */
export async function keep(acts: Act[], pictures: Map<string, File>): Promise<Kept[] | null> {
  try {
    return await within("readwrite", (stores) => {
      const asked = acts.map((act) => [act, stores.acts.add(act)] as const);
      for (const [key, file] of pictures) stores.files.put(file, key);
      return () => asked.map(([act, { result }]) => ({ ...act, order: result as number }));
    });
  } catch {
    return null; // private window or full: the caller says that it could not be kept
  }
}

/** Write down what became of an act, where it still waits: what is left out of `standing` is taken off it. */
export async function stand(act: Kept, standing: { refused?: string; told?: string; later?: boolean }): Promise<void> {
  const { refused: _refused, told: _told, ...rest } = act;
  await within("readwrite", ({ acts }) => {
    const asked = acts.getKey(act.order);
    asked.onsuccess = () => {
      if (asked.result !== undefined) acts.put({ ...rest, ...standing });
    };
    return () => undefined;
  });
}

/** Forget acts and their pictures. */
export async function forget(gone: Act[]): Promise<void> {
  await within("readwrite", ({ acts, files }) => {
    for (const act of gone) {
      if ("order" in act) acts.delete((act as Kept).order);
      if (act.file !== undefined) files.delete(act.once);
    }
    return () => undefined;
  });
}

/** The picture under a key; `undefined` where the browser's data were cleared. */
export async function pictureOf(key: string): Promise<File | undefined> {
  try {
    return await within("readonly", ({ files }) => {
      const asked = files.get(key) as IDBRequest<File | undefined>;
      return () => asked.result;
    });
  } catch {
    return undefined;
  }
}
