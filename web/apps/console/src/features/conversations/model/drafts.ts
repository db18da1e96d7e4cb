const prefix = "miaohui.console.draft.";

/** What was typed and not sent, per conversation; it outlives a reload. */
export function readDraft(id: string): string {
  try {
    return localStorage.getItem(prefix + id) ?? "";
  } catch {
    return "";
  }
}

export function keepDraft(id: string, text: string): void {
  try {
    if (text) localStorage.setItem(prefix + id, text);
    else localStorage.removeItem(prefix + id);
  } catch {
    // Without storage the draft lasts as long as the page.
  }
}
