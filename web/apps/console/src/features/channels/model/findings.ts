import { hasWord, type Translate } from "../../../shared/i18n/i18n";
import type { Finding } from "../api/channels";

/** What is wrong in one sentence, and how to mend it. */
export function told(t: Translate, channel: string, { part, code }: Finding): string {
  for (const word of [`door.${channel}.${code}`, `door.${part}.${code}`, `door.${code}`]) {
    if (hasWord(word)) return t(word);
  }
  return t("door.refused");
}

/** Why something did not go out, in words; the vendor's own code stays behind them. */
export function failureOf(t: Translate, failure: string): string {
  const [state = "", code = ""] = failure.split(" ", 2);
  const word = `door.state.${state}`;
  const said = hasWord(word) ? t(word) : state;
  return code ? `${said} · ${code}` : said;
}

/** Why an alert was not heard. */
export function errorOf(t: Translate, error: string): string {
  const word = `robots.error.${error}`;
  return hasWord(word) ? t(word) : t("robots.error.other", { code: error });
}
