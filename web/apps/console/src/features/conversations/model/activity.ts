import type { Translate, Word } from "../../../shared/i18n/i18n";

/** What happened, in words: the thread holds `handed_off:customer_request`, `taken_over:<name>` and the like. */
export function activityWords(text: string, t: Translate, has: (word: string) => word is Word): string {
  const at = text.indexOf(":");
  const key = `activity.${at < 0 ? text : text.slice(0, at)}`;
  if (!has(key)) return text;
  const about = at < 0 ? "" : text.slice(at + 1);
  const reason = `handoff.${about}`;
  return t(key, { what: has(reason) ? t(reason) : about });
}
