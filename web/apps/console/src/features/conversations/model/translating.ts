import { Store } from "../../../shared/store";

/** How one translates in a conversation; it outlives a reload. */
export interface Manner {
  /** What the visitor writes is translated by itself. */
  readonly auto: boolean;
  /** The language that one's own words go out in; "" until one has chosen. */
  readonly to: string;
}

const prefix = "miaohui.console.translate.";
const usual: Manner = { auto: false, to: "" };
const manners = new Map<string, Store<Manner>>();

export function mannerOf(conversationId: string): Store<Manner> {
  let known = manners.get(conversationId);
  if (!known) {
    known = new Store(read(conversationId));
    manners.set(conversationId, known);
  }
  return known;
}

export function setManner(conversationId: string, change: Partial<Manner>): void {
  const store = mannerOf(conversationId);
  store.update((now) => ({ ...now, ...change }));
  try {
    localStorage.setItem(prefix + conversationId, JSON.stringify(store.get()));
  } catch {
    // Without storage it lasts as long as the page.
  }
}

function read(conversationId: string): Manner {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(prefix + conversationId) ?? "{}") as object) };
  } catch {
    return usual;
  }
}
