import { dayAndTime } from "../../../shared/format/time";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Face } from "../../../shared/ui/Face";
import type { Conversation } from "../model/conversation";
import styles from "./ContactPanel.module.css";
import { useName } from "./useName";

/** Who is on the other side, and how this conversation came about. */
export function ContactPanel({
  conversation,
  inbox,
}: {
  readonly conversation: Conversation;
  readonly inbox: string;
}) {
  const t = useT();
  const nameOf = useName();
  const { locale } = useStore(prefs);
  const name = nameOf(conversation);
  const reason = `handoff.${conversation.handoffReason}`;
  const facts: readonly (readonly [string, string])[] = [
    [t("contact.inbox"), inbox],
    [t("contact.status"), t(`status.${conversation.status}`)],
    [t("contact.handoff"), hasWord(reason) ? t(reason) : ""],
    [t("contact.began"), dayAndTime(conversation.createdAt, locale)],
    [t("contact.last"), dayAndTime(conversation.updatedAt, locale)],
    [t("contact.messages"), String(conversation.lastSeq)],
  ];
  return (
    <aside className={styles.panel} aria-label={t("contact.label")}>
      <div className={styles.who}>
        <Face name={name} kind="visitor" size={40} />
        <strong>{name}</strong>
      </div>
      <dl className={styles.facts}>
        {facts.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <p className={styles.id}>{conversation.id}</p>
    </aside>
  );
}
