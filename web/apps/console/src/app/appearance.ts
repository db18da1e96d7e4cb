import { loadWords } from "../shared/i18n/i18n";
import { prefs } from "../shared/prefs/prefs";
import { Store } from "../shared/store";

const system = matchMedia("(prefers-color-scheme: dark)");

export const dark = new Store(isDark());

/** Keeps the page's theme and language as chosen, or as the system has them. */
export function followAppearance(): void {
  let locale = prefs.get().locale;
  const paint = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    dark.set(isDark());
    if (prefs.get().locale !== locale) {
      locale = prefs.get().locale;
      void loadWords(locale);
    }
  };
  prefs.subscribe(paint);
  system.addEventListener("change", paint);
  paint();
}

function isDark(): boolean {
  const { theme } = prefs.get();
  return theme === "auto" ? system.matches : theme === "dark";
}
