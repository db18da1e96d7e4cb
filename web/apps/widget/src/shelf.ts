/** What is kept in the browser for one site; works without storage too, then only until the page is left. */

import type { Shelf } from "@miaohui/conversation/outbox";

const memory = new Map<string, string>();

function storage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}

export const shelf: Shelf = {
  getItem: (key) => storage()?.getItem(key) ?? memory.get(key) ?? null,
  setItem: (key, value) => {
    memory.set(key, value);
    storage()?.setItem(key, value);
  },
  removeItem: (key) => {
    memory.delete(key);
    storage()?.removeItem(key);
  },
};

/** Like `setItem`, but a full storage is no reason to fail. */
export function keep(key: string, value: string): void {
  try {
    if (value) shelf.setItem(key, value);
    else shelf.removeItem(key);
  } catch {
    // Kept in memory, which is enough while the page lives.
  }
}
