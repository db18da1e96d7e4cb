import { Link } from "@tanstack/react-router";
import { Check, Clock, Flag, Sparkles } from "lucide-react";
import { memo } from "react";
import { useNow } from "../../../shared/format/clock";
import { duration, stamp } from "../../../shared/format/time";
import { urgency } from "../../../shared/format/waiting";
import { useT } from "../../../shared/i18n/i18n";
import { plain } from "../../../shared/markup/plain";
import { useAgentName } from "../../../shared/people/agents";
import { prefs } from "../../../shared/prefs/prefs";
import { useMyId } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { type Conversation, isWithAssistant } from "../model/conversation";
import { vips } from "../model/vips";
import styles from "./Row.module.css";
import { useName } from "./useName";
import vip from "./Vip.module.css";

interface Props {
  readonly conversation: Conversation;
  readonly current: boolean;
  readonly unread: boolean;
  readonly drafted: boolean;
  readonly search: Record<string, string | undefined>;
}

/** Two lines: who and how long, what was said last and who has it. */
export const Row = memo(function Row({ conversation, current, unread, drafted, search }: Props) {
  const t = useT();
  const nameOf = useName();
  const dear = useStore(vips);
  const quiet = isWithAssistant(conversation) || conversation.status === "resolved";
  const loud = conversation.priority === "urgent" || conversation.priority === "high";
  return (
    <Link
      to="/conversations/$conversationId"
      params={{ conversationId: conversation.id }}
      search={search}
      preload={false}
      className={`${styles.row} ${quiet ? styles.quiet : ""}`}
      aria-current={current ? "true" : undefined}
      data-unread={unread || undefined}
    >
      <span className={styles.top}>
        <span className={styles.name}>{nameOf(conversation)}</span>
        {dear.has(conversation.contactId) && <span className={vip.vip}>{t("vip.label")}</span>}
        {unread && (
          <span className={styles.unread}>
            <span className="visually-hidden">{t("list.unread")}</span>
          </span>
        )}
        <When conversation={conversation} />
      </span>
      <span className={styles.bottom}>
        <span className={styles.preview}>
          {drafted && <span className={styles.draft}>{t("list.draft")} </span>}
          {plain(conversation.preview) || t("list.nothing_said")}
        </span>
        {loud && (
          <span className={`${styles.state} ${styles[conversation.priority]}`}>
            <Flag size={12} strokeWidth={1.5} aria-hidden="true" />
            {t(`priority.${conversation.priority}`)}
          </span>
        )}
        <State conversation={conversation} />
      </span>
    </Link>
  );
});

function When({ conversation }: { readonly conversation: Conversation }) {
  return conversation.waitingSince > 0 ? (
    <Waits since={conversation.waitingSince} />
  ) : (
    <Moved conversation={conversation} />
  );
}

/** Grows while one looks; the row around it stays as it is. */
function Waits({ since }: { readonly since: number }) {
  const t = useT();
  const waits = useNow() - since;
  return (
    <span className={`${styles.wait} ${styles[urgency(waits)]}`}>
      <span className="visually-hidden">{t("list.waiting")} </span>
      {duration(waits)}
    </span>
  );
}

function Moved({ conversation }: { readonly conversation: Conversation }) {
  const { locale } = useStore(prefs);
  return <time className={styles.time}>{stamp(conversation.updatedAt, Date.now(), locale)}</time>;
}

function State({ conversation }: { readonly conversation: Conversation }) {
  const t = useT();
  const myId = useMyId();
  const agentName = useAgentName();
  const { status, assigneeId } = conversation;
  if (status === "snoozed") {
    return (
      <span className={styles.state}>
        <Clock size={14} strokeWidth={1.5} aria-hidden="true" />
        {t("status.snoozed")}
      </span>
    );
  }
  if (status === "resolved" || status === "pending") {
    const Icon = status === "resolved" ? Check : Sparkles;
    return (
      <span className={styles.state}>
        <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
        {t(`status.${status}`)}
      </span>
    );
  }
  return (
    <>
      {assigneeId && (
        <span className={`${styles.state} ${assigneeId === myId ? styles.mine : ""}`}>
          {assigneeId === myId ? t("list.mine") : agentName(assigneeId) || t("list.taken")}
        </span>
      )}
      {!assigneeId && <span className={styles.state}>{t("list.unassigned")}</span>}
    </>
  );
}
