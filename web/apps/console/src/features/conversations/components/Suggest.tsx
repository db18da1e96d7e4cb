import { App } from "antd";
import { Sparkles } from "lucide-react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { suggest } from "../api/desk";
import styles from "./Composer.module.css";

interface Props {
  readonly conversationId: string;
  readonly onText: (words: string) => void;
}

/** Puts what the assistant would say into the box, to be read and changed before it is sent. */
export function Suggest({ conversationId, onText }: Props) {
  const t = useT();
  const { message } = App.useApp();
  const asked = useAct(() => suggest(conversationId), {
    onDone: ({ text, known }) => {
      if (known) onText(text);
      else void message.info(t("composer.suggest_unknown"));
    },
  });
  return (
    <button
      type="button"
      className={styles.canned}
      disabled={asked.isPending}
      aria-busy={asked.isPending}
      onClick={() => asked.mutate()}
    >
      <Sparkles size={12} strokeWidth={1.5} aria-hidden="true" />{" "}
      {t(asked.isPending ? "composer.suggesting" : "composer.suggest")}
    </button>
  );
}
