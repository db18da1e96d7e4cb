import { Store } from "../../../shared/store";

const prefix = "miaohui.console.translate.";
const kept = new Map<string, Store<string>>();

/** The language that one's own words go out in, by conversation; "" until one has chosen. It outlives a reload. */
export function languageOf(conversationId: string): Store<string> {
  let known = kept.get(conversationId);
  if (!known) {
    known = new Store(read(conversationId));
    kept.set(conversationId, known);
  }
  return known;
}

export function speak(conversationId: string, language: string): void {
  languageOf(conversationId).set(language);
  try {
    localStorage.setItem(prefix + conversationId, JSON.stringify({ to: language }));
  } catch {
    // Without storage it lasts as long as the page.
  }
}

function read(conversationId: string): string {
  try {
    const stored = JSON.parse(localStorage.getItem(prefix + conversationId) ?? "{}") as { to?: string };
    return stored.to ?? "";
  } catch {
    return "";
  }
}
