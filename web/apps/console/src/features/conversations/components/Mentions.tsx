import { useNavigate } from "@tanstack/react-router";
import { AtSign } from "lucide-react";
import { stamp, toMs } from "../../../shared/format/time";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Chooser } from "../../../shared/ui/Chooser";
import { roster } from "../model/lists";
import { byConversation, useMentions } from "../model/mentions";
import styles from "./Mentions.module.css";
import { useName } from "./useName";

/** Where colleagues named me in a note, and the way there; how many of them I have not seen. */
export function Mentions() {
  const t = useT();
  const navigate = useNavigate();
  const nameOf = useName();
  const { locale } = useStore(prefs);
  const found = byConversation(useMentions());
  const unseen = found.filter((one) => !one.seen).length;
  const options = found.map((one) => {
    const about = roster.find(one.conversation_id);
    const when = stamp(toMs(one.at), Date.now(), locale);
    return {
      key: one.conversation_id,
      name: t("mentions.by", { name: one.by_name }),
      about: about ? `${nameOf(about)} · ${when}` : when,
      mark: <i className={styles.dot} data-seen={one.seen} />,
    };
  });
  return (
    <span className={styles.mentions} data-unseen={unseen > 0 || undefined}>
      <Chooser
        label={unseen > 0 ? t("mentions.count", { count: unseen }) : t("mentions.title")}
        look="quiet"
        options={options}
        none={t("mentions.none")}
        onPick={(id) =>
          void navigate({ to: "/conversations/$conversationId", params: { conversationId: id }, search: {} })
        }
      >
        <AtSign size={16} strokeWidth={1.5} aria-hidden="true" />
        {unseen > 0 && <span className={styles.count}>{unseen}</span>}
      </Chooser>
    </span>
  );
}
