import { type Locale, prefs } from "../prefs/prefs";
import { Store, useStore } from "../store";
import type { Words } from "./zh-CN";

export type Word = keyof Words;
export type Values = Readonly<Record<string, string | number>>;
export type Translate = (word: Word, values?: Values) => string;

const loaders: Record<Locale, () => Promise<Words>> = {
  "zh-CN": async () => (await import("./zh-CN")).zhCN,
  en: async () => (await import("./en")).en,
};

const words = new Store<Words | null>(null);

/** Loads the words of the chosen language; the page is drawn once they are here. */
export async function loadWords(locale: Locale = prefs.get().locale): Promise<void> {
  words.set(await loaders[locale]());
  document.documentElement.lang = locale;
}

export function t(word: Word, values: Values = {}): string {
  const text = words.get()?.[word] ?? word;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `t`, and a redraw when the language changes. */
export function useT(): Translate {
  useStore(words);
  return t;
}

export function hasWord(word: string): word is Word {
  return words.get() !== null && Object.hasOwn(words.get() ?? {}, word);
}
