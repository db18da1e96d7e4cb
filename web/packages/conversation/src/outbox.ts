/** What the visitor typed and the server has not confirmed, kept over a reload under its client ids. */

import type { Pending } from "./state";

export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function loadPending(shelf: Shelf, key: string): Pending[] {
  try {
    const kept = JSON.parse(shelf.getItem(key) ?? "[]") as Pending[];
    return Array.isArray(kept) ? kept.filter((one) => one.cmid && one.text) : [];
  } catch {
    return [];
  }
}

export function savePending(shelf: Shelf, key: string, pending: Pending[]): void {
  try {
    if (pending.length) shelf.setItem(key, JSON.stringify(pending));
    else shelf.removeItem(key);
  } catch {
    // A full or forbidden storage only costs the memory over a reload.
  }
}

/** A client id: time first, then chance; 26 characters of `[0-9a-z]`. */
export function newCmid(now_ms: number, random: () => number): string {
  let id = now_ms.toString(36).padStart(9, "0");
  while (id.length < 26) id += Math.floor(random() * 36).toString(36);
  return id;
}
