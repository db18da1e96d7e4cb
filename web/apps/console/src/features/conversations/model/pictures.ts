import { type Attached, accepted, mostAtOnce, nameOf, type Refused, shown } from "@miaohui/ui/pictures";
import { miaohui } from "../../../shared/http/api";
import { codeOf } from "../../../shared/http/problem";
import { freshId } from "../../../shared/ids";
import { Store } from "../../../shared/store";
import { partsOf, withPart } from "./card";

export type { Attached, Refused };
export { accepted, mostAtOnce };

const kept = new Map<string, Store<readonly Attached[]>>();
const underway = new Map<string, AbortController>();

/** Those of one conversation; they stay, and go on being sent, while one looks at another. */
export function picturesOf(conversationId: string): Store<readonly Attached[]> {
  const known = kept.get(conversationId) ?? new Store<readonly Attached[]>([]);
  kept.set(conversationId, known);
  return known;
}

/** Takes in what can be taken, and says of the rest why not. */
export async function attach(store: Store<readonly Attached[]>, files: readonly File[]): Promise<Refused[]> {
  const refused: Refused[] = [];
  const { shrink } = await import("@miaohui/ui/shrink");
  for (const file of files) {
    const name = nameOf(file.name);
    if (store.get().length >= mostAtOnce) {
      refused.push({ name, why: "many" });
      continue;
    }
    const made = await shrink(file);
    if (typeof made === "string") refused.push({ name, why: made });
    else void send(store, add(store, name, made));
  }
  return refused;
}

export function sendAgain(store: Store<readonly Attached[]>, one: Attached): void {
  void send(store, one);
}

export function detach(store: Store<readonly Attached[]>, id: string): void {
  underway.get(id)?.abort();
  const gone = store.get().find((one) => one.id === id);
  if (gone) URL.revokeObjectURL(gone.preview);
  store.update((all) => all.filter((one) => one.id !== id));
}

/** They went with a message. */
export function detachAll(store: Store<readonly Attached[]>): void {
  for (const one of store.get()) detach(store, one.id);
}

/** The words with the pictures below them, and a card below those, as every channel can tell it. */
export function withPictures(text: string, pictures: readonly Pick<Attached, "name" | "url">[]): string {
  if (pictures.length === 0) return text;
  const [words, card] = partsOf(text);
  const named = pictures.map(({ name, url }) => shown(name, url));
  return withPart([words, ...named].filter(Boolean).join("\n"), card);
}

function add(store: Store<readonly Attached[]>, name: string, file: Blob): Attached {
  const preview = URL.createObjectURL(file);
  const one: Attached = { id: freshId(), name, file, preview, state: "sending", share: 0, url: "", code: "" };
  store.update((all) => [...all, one]);
  return one;
}

async function send(store: Store<readonly Attached[]>, { id, file }: Attached): Promise<void> {
  const become = (change: Partial<Attached>) =>
    store.update((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one)));
  const stop = new AbortController();
  underway.set(id, stop);
  become({ state: "sending", share: 0, code: "" });
  try {
    // With its own id as the key it is taken in once, however often it is sent.
    const asking = { key: id, signal: stop.signal, onSent: (share: number) => become({ share }) };
    const { url } = await miaohui.upload(file, asking);
    become({ state: "ready", share: 1, url });
  } catch (error) {
    if (!stop.signal.aborted) become({ state: "failed", code: codeOf(error) });
  } finally {
    underway.delete(id);
  }
}
