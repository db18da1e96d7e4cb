import { codeOf } from "../../../shared/http/problem";
import { Store } from "../../../shared/store";
import { listTranslations, type Translation, translateMessages } from "../api/translation";

/** A message in my language: there, on its way, or the code of what went wrong. */
export type Rendering =
  | { readonly state: "done"; readonly it: Translation }
  | { readonly state: "busy" }
  | { readonly state: "failed"; readonly code: string };

type Renderings = Readonly<Record<string, Rendering>>;

const atOnce = 20;
const keptAtMost = 20;
const kept = new Map<string, Store<Renderings>>();

/** Which conversation is shown, so that its bubbles know where they stand. */
export const shown = new Store<string>("");

/** Translations of one conversation into one language, by message. */
export function renderingsOf(conversationId: string, language: string): Store<Renderings> {
  const key = `${conversationId} ${language}`;
  const known = kept.get(key) ?? new Store<Renderings>({});
  kept.delete(key);
  kept.set(key, known);
  const oldest = kept.keys().next().value;
  if (kept.size > keptAtMost && oldest !== undefined) kept.delete(oldest);
  return known;
}

/** What was translated before, by whomever; it costs no model anything. */
export async function recall(conversationId: string, language: string): Promise<void> {
  const store = renderingsOf(conversationId, language);
  const found = await listTranslations(conversationId, language);
  store.update((now) => ({ ...Object.fromEntries(found.map((it) => [it.message_id, done(it)])), ...now }));
}

/** Asks for those that are not there; what failed says why in its place. */
export async function translate(
  conversationId: string,
  ids: readonly string[],
  language: string,
): Promise<void> {
  const store = renderingsOf(conversationId, language);
  const wanted = ids.filter((id) => store.get()[id]?.state !== "busy" && store.get()[id]?.state !== "done");
  for (let start = 0; start < wanted.length; start += atOnce) {
    await translateSome(store, conversationId, wanted.slice(start, start + atOnce), language);
  }
}

async function translateSome(
  store: Store<Renderings>,
  conversationId: string,
  ids: readonly string[],
  language: string,
): Promise<void> {
  const put = (some: readonly (readonly [string, Rendering])[]) =>
    store.update((now) => ({ ...now, ...Object.fromEntries(some) }));
  put(ids.map((id) => [id, { state: "busy" }]));
  try {
    const { data, failed } = await translateMessages(conversationId, ids, language);
    put(data.map((it) => [it.message_id, done(it)]));
    put(Object.entries(failed).map(([id, code]) => [id, { state: "failed", code }]));
  } catch (error) {
    put(ids.map((id) => [id, { state: "failed", code: codeOf(error) }]));
  }
}

const done = (it: Translation): Rendering => ({ state: "done", it });
