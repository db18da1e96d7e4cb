/** What letters alone say of a language; the server asks a model where they do not. */

const letters = /\p{L}/u;
const foreignToChinese = /[\u3040-\u30ff\u1100-\u11ff\uac00-\ud7af]/;
const han = /[\u3400-\u9fff]/;
const notWords = /https?:\/\/\S+|\S+@\S+\.\S+/g;
const scripts: readonly (readonly [string, RegExp])[] = [
  ["ja", /[\u3040-\u30ff]/],
  ["ko", /[\u1100-\u11ff\uac00-\ud7af]/],
  ["zh-CN", han],
  ["th", /[\u0e00-\u0e7f]/],
  ["ar", /[\u0600-\u06ff]/],
  ["ru", /[\u0400-\u04ff]/],
  ["hi", /[\u0900-\u097f]/],
  ["en", /[A-Za-z]/],
];

/** Whether somebody who reads `mine` probably cannot read this. Latin letters may be any of twenty languages. */
export function looksForeign(text: string, mine: string): boolean {
  const words = text.replace(notWords, " ");
  if (!letters.test(words)) return false;
  if (mine.startsWith("zh")) return foreignToChinese.test(words) || !han.test(words);
  return (
    scripts.some(([language, script]) => language !== "en" && script.test(words)) ||
    /[^\p{ASCII}\P{L}]/u.test(words)
  );
}

/** The language that somebody writes in, as far as it shows; "" when it does not. */
export function guess(text: string): string {
  const words = text.replace(notWords, " ");
  return scripts.find(([, script]) => script.test(words))?.[0] ?? "";
}

/** One of `known` for what a model named, such as `en-us`; "" when there is none. */
export function choiceFor(source: string, known: readonly string[]): string {
  const named = source.toLowerCase();
  if (/^zh(-(cn|hans|sg))?$/.test(named)) return known.includes("zh-CN") ? "zh-CN" : "";
  if (named.startsWith("zh")) return known.includes("zh-TW") ? "zh-TW" : "";
  return (
    known.find((one) => one.toLowerCase() === named) ?? known.find((one) => one === named.split("-")[0]) ?? ""
  );
}

/** The language and its script, without the country where it is spoken: "Simplified Chinese", "English". */
function written(language: string): string {
  const { language: tongue, script } = new Intl.Locale(language).maximize();
  return tongue === "zh" && script ? `${tongue}-${script}` : tongue;
}

/** What a language is called by who reads `mine`. */
export function languageName(language: string, mine: string): string {
  try {
    return new Intl.DisplayNames([mine], { type: "language" }).of(written(language)) ?? language;
  } catch {
    return language;
  }
}
