import type { Locale } from "@miaohui/client";
import type zh from "./locales/zh-CN.json";

export type Word = keyof typeof zh;

/** Each language is a file of its own: nobody downloads what they don't read. */
const TABLES: Record<Locale, () => Promise<{ default: Record<Word, string> }>> = {
  "zh-CN": () => import("./locales/zh-CN.json"),
  en: () => import("./locales/en.json"),
};

export interface Words {
  locale: Locale;
  say(word: Word, values?: Record<string, string | number>): string;
}

export async function wordsFor(locale: Locale): Promise<Words> {
  const { default: table } = await TABLES[locale]();
  return {
    locale,
    say: (word, values = {}) =>
      table[word].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")),
  };
}

/** The nearest locale that has words: any Chinese is zh-CN, everything else English. */
export function nearest(tag: string | undefined): Locale {
  return tag && /^zh\b/i.test(tag) ? "zh-CN" : "en";
}
