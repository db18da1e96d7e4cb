import { prefs, setPrefs } from "./prefs";

/** From what is seen now to the other, whatever the system says. */
export function flipTheme(): void {
  setPrefs({ theme: document.documentElement.dataset.theme === "dark" ? "light" : "dark" });
}

export function flipLanguage(): void {
  setPrefs({ locale: prefs.get().locale === "en" ? "zh-CN" : "en" });
}
