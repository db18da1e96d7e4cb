import { Languages, Monitor, Moon, Sun } from "lucide-react";
import { useT } from "../i18n/i18n";
import { prefs, setPrefs, type Theme } from "../prefs/prefs";
import { useStore } from "../store";
import { IconButton } from "./IconButton";

const next: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
const icons = { auto: Monitor, light: Sun, dark: Moon };

/** Language and theme; each button names what it is now, and goes on to the next. */
export function Preferences() {
  const t = useT();
  const { theme, locale } = useStore(prefs);
  return (
    <>
      <IconButton
        icon={Languages}
        name={t("prefs.language")}
        onClick={() => setPrefs({ locale: locale === "en" ? "zh-CN" : "en" })}
      />
      <IconButton
        icon={icons[theme]}
        name={t(`prefs.theme.${theme}`)}
        onClick={() => setPrefs({ theme: next[theme] })}
      />
    </>
  );
}
