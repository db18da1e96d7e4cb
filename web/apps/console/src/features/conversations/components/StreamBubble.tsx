import { useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import styles from "./Bubble.module.css";

/** The assistant's answer as it comes; read out only once it is whole. */
export function StreamBubble({ text }: { readonly text: string }) {
  const t = useT();
  return (
    <article
      className={`${styles.item} ${styles.right}`}
      data-tone="assistant"
      data-streaming="true"
      aria-live="off"
    >
      <header className={styles.meta}>
        <span>
          {t("who.assistant")}
          <span className={styles.ai}>AI</span>
        </span>
        <span>{t(text ? "thread.streaming" : "thread.thinking")}</span>
      </header>
      <div className={`${styles.bubble} ${styles.assistant}`}>
        {text ? <Prose text={text} /> : <span className={styles.caret} />}
      </div>
    </article>
  );
}
