import { reveal } from "@miaohui/conversation/smoothing";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import type { Assistant } from "../api/assistants";
import styles from "./Paced.module.css";

/** The same text as visitors would see it come. */
export function Paced({ pace }: { readonly pace: Assistant["pace"] }) {
  const t = useT();
  const text = t("assistants.pace_text");
  const [shown, setShown] = useState<number | null>(null);
  const running = shown !== null && shown < text.length;
  useEffect(() => {
    if (!running) return;
    let [at, drawn] = [performance.now(), 0];
    let frame = requestAnimationFrame(function step(now) {
      const next = reveal(text, drawn, Math.min(200, now - at), pace);
      if (next > drawn) [drawn, at] = [next, now];
      setShown(drawn);
      frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [running, text, pace]);
  return (
    <div className={styles.paced}>
      <Button size="small" disabled={running} onClick={() => setShown(0)}>
        {t("assistants.pace_try")}
      </Button>
      {shown !== null && <p aria-hidden={running}>{text.slice(0, shown)}</p>}
    </div>
  );
}
