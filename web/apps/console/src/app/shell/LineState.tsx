import { CloudOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useT } from "../../shared/i18n/i18n";
import { line, lineState } from "../../shared/realtime/line";
import { useStore } from "../../shared/store";
import styles from "./LineState.module.css";

const patienceMs = 1200;

/** A slim line while the connection is away; a hiccup that heals at once is not worth a word. */
export function LineState() {
  const t = useT();
  const state = useStore(lineState);
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (state === "open") return;
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, [state]);
  const shown = state !== "open" && (late || state === "offline" || state === "refused");
  return (
    <div role="status" className={shown ? styles.line : undefined}>
      {shown && (
        <>
          <CloudOff size={16} strokeWidth={1.5} aria-hidden="true" />
          <span>{t(`line.${state}`)}</span>
          {state !== "connecting" && (
            <button type="button" onClick={line.retry}>
              {t("line.retry")}
            </button>
          )}
        </>
      )}
    </div>
  );
}
