import { Store } from "../../../shared/store";
import type { Conversation } from "./conversation";

const storage = "miaohui.console.looked";
const atMost = 500;

/** How far each of my conversations was read in this browser, by `seq`. */
export const looked = new Store<ReadonlyMap<string, number>>(stored());

/** Something came since one looked; only what waits for people counts. */
export function isUnread(one: Conversation, seen: ReadonlyMap<string, number>): boolean {
  return one.status === "open" && one.waitingSince > 0 && one.lastSeq > (seen.get(one.id) ?? 0);
}

export function look(id: string, seq: number): void {
  looked.update((now) => {
    if ((now.get(id) ?? 0) >= seq) return now;
    const next = new Map(now);
    next.delete(id);
    next.set(id, seq);
    const oldest = next.keys().next().value;
    if (next.size > atMost && oldest !== undefined) next.delete(oldest);
    keep(next);
    return next;
  });
}

function keep(map: ReadonlyMap<string, number>): void {
  try {
    localStorage.setItem(storage, JSON.stringify([...map]));
  } catch {
    // Without storage the marks last as long as the page.
  }
}

function stored(): ReadonlyMap<string, number> {
  try {
    return new Map(JSON.parse(localStorage.getItem(storage) ?? "[]") as [string, number][]);
  } catch {
    return new Map();
  }
}
