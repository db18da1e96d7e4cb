import { Store } from "../store";

export type Theme = "light" | "dark" | "auto";
export type Locale = "zh-CN" | "en";

const storage = "miaohui.console.prefs";

export interface Prefs {
  readonly theme: Theme;
  readonly locale: Locale;
  /** A short sound when someone calls. */
  readonly sound: boolean;
  /** Notices of the system while the page is not looked at; the browser has a say in it. */
  readonly notices: boolean;
  /** The side panel beside a conversation; null until one has chosen. */
  readonly panel: boolean | null;
}

export const prefs = new Store<Prefs>(read());

export function setPrefs(change: Partial<Prefs>): void {
  prefs.update((now) => ({ ...now, ...change }));
  try {
    localStorage.setItem(storage, JSON.stringify(prefs.get()));
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
}

function read(): Prefs {
  const locale = navigator.language.startsWith("zh") ? "zh-CN" : "en";
  const usual: Prefs = { theme: "auto", locale, sound: true, notices: false, panel: null };
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storage) ?? "{}");
    return typeof stored === "object" ? { ...usual, ...stored } : usual;
  } catch {
    return usual;
  }
}
