import type { Strain } from "../api/insight";

/** What visitors read of a notice in the language of whoever looks, or else in one that there is. */
export function noticeIn(texts: Readonly<Record<string, string>>, locale: string): string {
  return texts[locale] ?? Object.values(texts)[0] ?? "";
}

/** Whether there is anything to say: that too much is asked, or that visitors are told something. */
export const isQuiet = (strain: Strain | undefined): boolean =>
  !strain || (strain.step === "" && strain.notices.length === 0);
