import { Store } from "../../../shared/store";

const prefix = "miaohui.console.draft.";

export interface Draft {
  readonly reply: string;
  readonly note: string;
}

const none: Draft = { reply: "", note: "" };

/** Ids of conversations in which something was typed and not sent. */
export const drafted = new Store<ReadonlySet<string>>(stored());

/** What was typed and not sent, per conversation; it outlives a reload. */
export function readDraft(id: string): Draft {
  try {
    const text = localStorage.getItem(prefix + id);
    return text ? { ...none, ...(JSON.parse(text) as Partial<Draft>) } : none;
  } catch {
    return none;
  }
}

export function keepDraft(id: string, draft: Draft): void {
  const empty = !draft.reply && !draft.note;
  try {
    if (empty) localStorage.removeItem(prefix + id);
    else localStorage.setItem(prefix + id, JSON.stringify(draft));
  } catch {
    // Without storage the draft lasts as long as the page.
  }
  drafted.update((now) => {
    if (now.has(id) !== empty) return now;
    const next = new Set(now);
    if (empty) next.delete(id);
    else next.add(id);
    return next;
  });
}

function stored(): ReadonlySet<string> {
  try {
    const names = Array.from({ length: localStorage.length }, (_, n) => localStorage.key(n) ?? "");
    return new Set(names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)));
  } catch {
    return new Set();
  }
}
