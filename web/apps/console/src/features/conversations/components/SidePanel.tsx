import { X } from "lucide-react";
import { dayAndTime } from "../../../shared/format/time";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Face } from "../../../shared/ui/Face";
import { IconButton } from "../../../shared/ui/IconButton";
import type { Conversation } from "../model/conversation";
import styles from "./SidePanel.module.css";
import { useName } from "./useName";

interface Props {
  readonly conversation: Conversation;
  readonly inbox: string;
  readonly onClose: () => void;
}

/** Who is on the other side, how this is handled, and what there is around it. */
export function SidePanel({ conversation, inbox, onClose }: Props) {
  const t = useT();
  const nameOf = useName();
  const { locale } = useStore(prefs);
  const name = nameOf(conversation);
  const reason = `handoff.${conversation.handoffReason}`;
  const facts: readonly (readonly [string, string])[] = [
    [t("contact.inbox"), inbox],
    [t("contact.handoff"), hasWord(reason) ? t(reason) : ""],
    [t("contact.began"), dayAndTime(conversation.createdAt, locale)],
  ];
  return (
    <aside className={styles.panel} aria-label={t("contact.label")}>
      <header className={styles.who}>
        <Face name={name} kind="visitor" size={36} />
        <strong>{name}</strong>
        <span className={styles.close}>
          <IconButton icon={X} name={t("action.close")} onClick={onClose} />
        </span>
      </header>
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
    </aside>
  );
}
