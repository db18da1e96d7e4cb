import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { dayAndTime } from "../../../shared/format/time";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Face } from "../../../shared/ui/Face";
import { Facts } from "../../../shared/ui/Facts";
import { IconButton } from "../../../shared/ui/IconButton";
import { getSatisfaction, getSummary } from "../api/desk";
import type { Conversation } from "../model/conversation";
import { outcomeOf } from "../model/outcome";
import { all, threadOf } from "../model/thread";
import type { Acts } from "../model/useActs";
import { isVip } from "../model/vips";
import { ContactCard } from "./ContactCard";
import { Handling, type HandlingKey } from "./Handling";
import { HandoffCard } from "./HandoffCard";
import styles from "./SidePanel.module.css";
import { useName } from "./useName";
import vip from "./Vip.module.css";
import { Whereabouts } from "./Whereabouts";

interface Props {
  readonly conversation: Conversation;
  readonly inbox: string;
  readonly acts: Acts;
  readonly asked: HandlingKey | "";
  readonly onAsked: (key: HandlingKey | "") => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Who is on the other side, how this is handled, and what there is around it. */
export function SidePanel({ conversation, inbox, acts, asked, onAsked, onClose, children }: Props) {
  const t = useT();
  const nameOf = useName();
  const { locale } = useStore(prefs);
  const name = nameOf(conversation);
  const { id, status, handoffReason } = conversation;
  const summary = useQuery({
    queryKey: ["summary", id, status, handoffReason],
    queryFn: ({ signal }) => getSummary(id, signal),
    placeholderData: (before) => (before?.contact.id === conversation.contactId ? before : undefined),
  });
  const satisfaction = useQuery({
    queryKey: ["satisfaction", id],
    queryFn: ({ signal }) => getSatisfaction(id, signal),
    enabled: status === "resolved",
  });
  const rated = satisfaction.data;
  const thread = useStore(useMemo(() => threadOf(id), [id]));
  const outcome = status === "resolved" ? outcomeOf(all(thread)) : null;
  const facts: readonly (readonly [string, string])[] = [
    [t("contact.inbox"), inbox],
    [t("contact.began"), dayAndTime(conversation.createdAt, locale)],
    [t("outcome.label"), outcome ? t(`outcome.${outcome}`) : ""],
    [
      t("contact.rated"),
      rated?.score
        ? [t("contact.score", { score: rated.score }), rated.comment].filter(Boolean).join(" · ")
        : "",
    ],
  ];
  return (
    <aside className={styles.panel} aria-label={t("thread.panel")}>
      <header className={styles.who}>
        <Face name={name} kind="visitor" size={36} />
        <strong>{name}</strong>
        {summary.data && isVip(summary.data.contact.attributes) && (
          <span className={vip.vip}>{t("vip.label")}</span>
        )}
        <span className={styles.close}>
          <IconButton icon={X} name={t("action.close")} onClick={onClose} />
        </span>
      </header>
      <Handling conversation={conversation} acts={acts} asked={asked} onAsked={onAsked} />
      {status === "open" && handoffReason && summary.data && <HandoffCard summary={summary.data} />}
      <Facts className={styles.facts} of={facts} />
      <Whereabouts contactId={conversation.contactId} />
      {children}
      {summary.data && <ContactCard contact={summary.data.contact} current={conversation} />}
    </aside>
  );
}
