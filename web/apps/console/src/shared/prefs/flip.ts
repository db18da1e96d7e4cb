import { prefs, setPrefs } from "./prefs";

/** From what is seen now to the other, whatever the system says. */
export function flipTheme(): void {
  setPrefs({ theme: document.documentElement.dataset.theme === "dark" ? "light" : "dark" });
}

export function flipLanguage(): void {
  setPrefs({ locale: prefs.get().locale === "en" ? "zh-CN" : "en" });
}

/** On only once the browser has agreed. */
export async function flipNotices(): Promise<void> {
  if (prefs.get().notices) return setPrefs({ notices: false });
  if (typeof Notification === "undefined") return;
  setPrefs({ notices: (await Notification.requestPermission()) === "granted" });
}
