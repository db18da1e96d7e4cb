import { Link } from "@tanstack/react-router";
import { Check, Sparkles } from "lucide-react";
import { duration, stamp } from "../../../shared/format/time";
import { urgency } from "../../../shared/format/waiting";
import { useT } from "../../../shared/i18n/i18n";
import { plain } from "../../../shared/markup/plain";
import { prefs } from "../../../shared/prefs/prefs";
import { useMyId } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { type Conversation, isWithAssistant, type View } from "../model/conversation";
import styles from "./Row.module.css";
import { useName } from "./useName";

interface Props {
  readonly conversation: Conversation;
  readonly view: View;
  readonly current: boolean;
  readonly now: number;
}

/** Two lines: who and how long, what was said last and who has it. */
export function Row({ conversation, view, current, now }: Props) {
  const t = useT();
  const nameOf = useName();
  const { locale } = useStore(prefs);
  const waits = conversation.waitingSince > 0 ? now - conversation.waitingSince : 0;
  const quiet = isWithAssistant(conversation) || conversation.status === "resolved";
  return (
    <Link
      to="/conversations/$conversationId"
      params={{ conversationId: conversation.id }}
      search={{ status: view }}
      preload={false}
      className={`${styles.row} ${quiet ? styles.quiet : ""}`}
      aria-current={current ? "true" : undefined}
    >
      <span className={styles.top}>
        <span className={styles.name}>{nameOf(conversation)}</span>
        {waits > 0 ? (
          <span className={`${styles.wait} ${styles[urgency(waits)]}`}>
            <span className="visually-hidden">{t("list.waiting")} </span>
            {duration(waits)}
          </span>
        ) : (
          <time className={styles.time}>{stamp(conversation.updatedAt, now, locale)}</time>
        )}
      </span>
      <span className={styles.bottom}>
        <span className={styles.preview}>{plain(conversation.preview) || t("list.nothing_said")}</span>
        <State conversation={conversation} waits={waits} />
      </span>
    </Link>
  );
}

function State({ conversation, waits }: { readonly conversation: Conversation; readonly waits: number }) {
  const t = useT();
  const myId = useMyId();
  if (conversation.status === "resolved") {
    return (
      <span className={styles.state}>
        <Check size={14} strokeWidth={1.5} aria-hidden="true" />
        {t("status.resolved")}
      </span>
    );
  }
  if (isWithAssistant(conversation)) {
    return (
      <span className={styles.state}>
        <Sparkles size={14} strokeWidth={1.5} aria-hidden="true" />
        {t("status.pending")}
      </span>
    );
  }
  if (conversation.assigneeId) {
    const mine = conversation.assigneeId === myId;
    return (
      <span className={`${styles.state} ${mine ? styles.mine : ""}`}>
        {t(mine ? "list.mine" : "list.taken")}
      </span>
    );
  }
  return waits > 0 ? (
    <span className={`${styles.state} ${styles[urgency(waits)]}`}>{t("list.unassigned")}</span>
  ) : null;
}
