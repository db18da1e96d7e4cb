/** What is to outlive a page and is too large for its storage; where a browser keeps nothing, nothing is kept. */

const STORE = "pictures";
let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const asking = indexedDB.open("miaohui", 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore(STORE);
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
  return opened;
}

async function act<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const database = await open();
    return await new Promise<T>((resolve, reject) => {
      const asking = work(database.transaction(STORE, mode).objectStore(STORE));
      asking.onsuccess = () => resolve(asking.result);
      asking.onerror = () => reject(asking.error);
    });
  } catch {
    return undefined;
  }
}

export const recall = <T>(key: string): Promise<T | undefined> =>
  act<T>("readonly", (store) => store.get(key) as IDBRequest<T>);

export const keep = (key: string, value: unknown): Promise<unknown> =>
  act("readwrite", (store) => store.put(value, key));

export const forget = (key: string): Promise<unknown> => act("readwrite", (store) => store.delete(key));
