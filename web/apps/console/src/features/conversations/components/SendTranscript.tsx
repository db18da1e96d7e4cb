import { App, Button, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { sendTranscript } from "../api/desk";
import styles from "./SavedViews.module.css";

interface Props {
  readonly conversationId: string;
  /** Theirs, as far as it is known. */
  readonly address: string;
  readonly onClose: () => void;
}

/** What was said goes out by mail, to whom one says. */
export function SendTranscript({ conversationId, address, onClose }: Props) {
  const t = useT();
  const { message } = App.useApp();
  const [to, setTo] = useState(address);
  const sent = useAct(() => sendTranscript(conversationId, to.trim()), {
    onDone: () => {
      void message.success(t("transcript.gone"));
      onClose();
    },
  });
  return (
    <Dialog label={t("transcript.title")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          sent.mutate();
        }}
      >
        <h2>{t("transcript.title")}</h2>
        <p>{t("transcript.about")}</p>
        <Field label={t("transcript.to")}>
          {(id) => (
            <Input
              id={id}
              type="email"
              value={to}
              maxLength={200}
              autoFocus
              onChange={(event) => setTo(event.target.value)}
            />
          )}
        </Field>
        <Button type="primary" htmlType="submit" disabled={!/.@.+\../.test(to)} loading={sent.isPending}>
          {t("transcript.go")}
        </Button>
      </form>
    </Dialog>
  );
}
