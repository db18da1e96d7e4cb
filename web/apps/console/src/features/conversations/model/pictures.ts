import {
  type Attached,
  acceptedBy,
  fileTypes,
  mostAtOnce,
  nameOf,
  type Refused,
  shown,
} from "@miaohui/ui/pictures";
import { miaohui } from "../../../shared/http/api";
import { codeOf } from "../../../shared/http/problem";
import { freshId } from "../../../shared/ids";
import { Store } from "../../../shared/store";
import { partsOf, withPart } from "./card";

export type { Attached, Refused };
export { mostAtOnce };
export const accepted = acceptedBy(fileTypes);

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
  const { fit } = await import("@miaohui/ui/shrink");
  for (const file of files) {
    const name = nameOf(file.name);
    if (store.get().length >= mostAtOnce) {
      refused.push({ name, why: "many" });
      continue;
    }
    const made = await fit(file, fileTypes);
    if (typeof made === "string") refused.push({ name, why: made });
    else void send(store, add(store, name, made.file, made.picture));
  }
  return refused;
}

export function sendAgain(store: Store<readonly Attached[]>, one: Attached): void {
  void send(store, one);
}

export function detach(store: Store<readonly Attached[]>, id: string): void {
  underway.get(id)?.abort();
  const gone = store.get().find((one) => one.id === id);
  if (gone?.preview) URL.revokeObjectURL(gone.preview);
  store.update((all) => all.filter((one) => one.id !== id));
}

/** They went with a message. */
export function detachAll(store: Store<readonly Attached[]>): void {
  for (const one of store.get()) detach(store, one.id);
}

type Named = Pick<Attached, "name" | "url" | "preview">;

/** The words with the pictures and files below them, and a card below those, as every channel can tell it. */
export function withPictures(text: string, pictures: readonly Named[]): string {
  if (pictures.length === 0) return text;
  const [words, card] = partsOf(text);
  return withPart([words, ...pictures.map(shown)].filter(Boolean).join("\n"), card);
}

function add(store: Store<readonly Attached[]>, name: string, file: Blob, picture: boolean): Attached {
  const preview = picture ? URL.createObjectURL(file) : "";
  const one: Attached = { id: freshId(), name, file, preview, state: "sending", share: 0, url: "", code: "" };
  store.update((all) => [...all, one]);
  return one;
}

async function send(store: Store<readonly Attached[]>, { id, name, file, preview }: Attached): Promise<void> {
  const become = (change: Partial<Attached>) =>
    store.update((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one)));
  const stop = new AbortController();
  underway.set(id, stop);
  become({ state: "sending", share: 0, code: "" });
  try {
    // With its own id as the key it is taken in once, however often it is sent.
    const onSent = (share: number) => become({ share });
    const sent = await miaohui.upload(file, { key: id, signal: stop.signal, onSent, name });
    // A picture made smaller is called as it was; of a file the server says how.
    become({ state: "ready", share: 1, url: sent.url, name: preview ? name : sent.name });
  } catch (error) {
    if (!stop.signal.aborted) become({ state: "failed", code: codeOf(error) });
  } finally {
    underway.delete(id);
  }
}
