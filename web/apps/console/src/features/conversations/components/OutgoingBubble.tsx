import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import { goesAgain } from "../model/outbox";
import type { Outgoing } from "../model/thread";
import styles from "./Bubble.module.css";

interface Props {
  readonly words: Outgoing;
  readonly onRetry: (words: Outgoing) => void;
  readonly onDrop: (cmid: string) => void;
}

/** What we sent and the server has not shown yet: on its way, or failed and kept. */
export function OutgoingBubble({ words, onRetry, onDrop }: Props) {
  const t = useT();
  const failed = words.state === "failed";
  const reason = `problem.${words.code}`;
  return (
    <article
      className={`${styles.item} ${styles.right}`}
      data-tone={words.note ? "note" : "agent"}
      data-state={words.state}
    >
      <div
        className={`${styles.bubble} ${words.note ? styles.note : styles.agent} ${failed ? "" : styles.pending}`}
      >
        <Prose text={words.text} />
      </div>
      {failed ? (
        <div className={styles.state} role="alert">
          <span className={styles.failed}>
            {goesAgain(words, Date.now())
              ? t("send.again")
              : `${t("send.failed")} ${hasWord(reason) ? t(reason, { seconds: 5 }) : ""}`}
          </span>
          <button type="button" className={styles.link} onClick={() => onRetry(words)}>
            {t("action.retry")}
          </button>
          <button type="button" className={styles.link} onClick={() => onDrop(words.cmid)}>
            {t("send.drop")}
          </button>
        </div>
      ) : (
        <span className={styles.state}>{t(words.state === "accepted" ? "send.sent" : "send.sending")}</span>
      )}
    </article>
  );
}
