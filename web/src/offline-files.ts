/** Pictures that wait for a network, in the browser's own store: text is too small a place for them. */

const NAME = "anlan-offline";
const STORE = "files";

function open(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function within<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((done, failed) => {
      const work = database.transaction(STORE, mode);
      const asked = act(work.objectStore(STORE));
      work.oncomplete = () => done(asked.result);
      work.onerror = work.onabort = () => failed(work.error);
    });
  } finally {
    database.close();
  }
}

/** Keep one file under a key; `false` where the browser has no room or no store. */
export async function keepFile(key: string, file: File): Promise<boolean> {
  try {
    await within("readwrite", (store) => store.put(file, key));
    return true;
  } catch {
    return false;
  }
}

/** The file under a key; `undefined` where the browser's data were cleared. */
export async function fileOf(key: string): Promise<File | undefined> {
  try {
    return await within("readonly", (store) => store.get(key) as IDBRequest<File | undefined>);
  } catch {
    return undefined;
  }
}

/** Forget one file. */
export async function dropFile(key: string): Promise<void> {
  try {
    await within("readwrite", (store) => store.delete(key));
  } catch {
    // Nothing to forget where nothing could be kept.
  }
}
