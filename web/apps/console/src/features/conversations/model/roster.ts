import { Store } from "../../../shared/store";
import type { Conversation } from "./conversation";
import { placeOf } from "./order";

/** What a view shows and in which order; the server answers its pages in the same order. */
export interface View {
  readonly key: string;
  readonly holds: (conversation: Conversation) => boolean;
  readonly compare: (a: Conversation, b: Conversation) => number;
}

export interface Page {
  readonly data: readonly Conversation[];
  readonly nextCursor: string;
}

export interface Listing {
  readonly rows: readonly Conversation[];
  /** How far it was read; "" when there is no more. */
  readonly cursor: string;
  readonly ready: boolean;
}

const nothing: Listing = { rows: [], cursor: "", ready: false };

/** Every conversation that this page has heard of, and the views that show them, each kept in its order.
 *
 * Changes are gathered and told at once (`later` says when): fifty in a second redraw the list as often as it can be
 * seen, and each costs a search by halves and not a sort.
 */
export class Roster {
  readonly #known = new Map<string, Store<Conversation | undefined>>();
  readonly #views = new Map<string, { readonly view: View; readonly store: Store<Listing> }>();
  readonly #heard = new Map<string, Conversation>();
  readonly #later: (flush: () => void) => void;
  #waits = false;

  constructor(later: (flush: () => void) => void) {
    this.#later = later;
  }

  listing(view: View): Store<Listing> {
    const known = this.#views.get(view.key);
    if (known) return known.store;
    const store = new Store<Listing>(nothing);
    this.#views.set(view.key, { view, store });
    return store;
  }

  /** One conversation as it stands, and as it changes; undefined until it is heard of. */
  one(id: string): Store<Conversation | undefined> {
    const known = this.#known.get(id);
    if (known) return known;
    const store = new Store<Conversation | undefined>(undefined);
    this.#known.set(id, store);
    return store;
  }

  /** Everything that is known, for the palette. */
  all(): Conversation[] {
    return [...this.#known.values()].flatMap((store) => store.get() ?? []);
  }

  find(id: string): Conversation | undefined {
    return this.#heard.get(id) ?? this.#known.get(id)?.get();
  }

  /** A page that was read: the first replaces what was there, the next ones go on. */
  read(view: View, page: Page, first: boolean): void {
    const store = this.listing(view);
    const fresh = page.data.map((one) => this.#newest(one)).filter((one) => view.holds(one));
    const kept = first ? [] : store.get().rows;
    const shown = new Set(kept.map((one) => one.id));
    const rows = [...kept, ...fresh.filter((one) => !shown.has(one.id))];
    rows.sort(view.compare);
    store.set({ rows, cursor: page.nextCursor, ready: true });
  }

  /** What the feed tells, or an act answered. */
  hear(changed: Conversation): void {
    const held = this.find(changed.id);
    if (held && held.updatedAt > changed.updatedAt) return;
    this.#heard.set(changed.id, changed);
    if (this.#waits) return;
    this.#waits = true;
    this.#later(() => this.flush());
  }

  flush(): void {
    this.#waits = false;
    const changes = [...this.#heard.values()];
    this.#heard.clear();
    const before = new Map(changes.map((one) => [one.id, this.#known.get(one.id)?.get()]));
    for (const one of changes) this.#keep(one);
    for (const { view, store } of this.#views.values()) {
      if (store.get().ready) store.update((listing) => merged(listing, view, changes, before));
    }
  }

  #keep(one: Conversation): void {
    this.one(one.id).set(one);
  }

  /** Frames and answers may cross on their way: what is older never replaces what is newer. */
  #newest(one: Conversation): Conversation {
    const held = this.find(one.id);
    if (held && held.updatedAt > one.updatedAt) return held;
    this.#keep(one);
    return one;
  }
}

function merged(
  listing: Listing,
  view: View,
  changes: readonly Conversation[],
  before: ReadonlyMap<string, Conversation | undefined>,
): Listing {
  let rows: Conversation[] | null = null;
  for (const changed of changes) {
    const now: readonly Conversation[] = rows ?? listing.rows;
    const at = indexOf(now, before.get(changed.id), view);
    const belongs = view.holds(changed);
    if (at < 0 && !belongs) continue;
    rows ??= [...listing.rows];
    if (at >= 0) rows.splice(at, 1);
    if (!belongs) continue;
    const place = placeOf(rows, changed, view.compare);
    // Past the last row that was read, its place is on a page still to come.
    if (place < rows.length || listing.cursor === "") rows.splice(place, 0, changed);
  }
  return rows ? { ...listing, rows } : listing;
}

/** By halves where its order says it stands; one by one only if it is not there. */
function indexOf(rows: readonly Conversation[], held: Conversation | undefined, view: View): number {
  if (!held || !view.holds(held)) return -1;
  const place = placeOf(rows, held, view.compare);
  return rows[place]?.id === held.id ? place : rows.findIndex((one) => one.id === held.id);
}
