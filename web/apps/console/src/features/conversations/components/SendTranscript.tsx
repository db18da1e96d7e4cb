import { App, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { sendTranscript } from "../api/desk";

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
    <FormDialog
      title={t("transcript.title")}
      about={t("transcript.about")}
      act={t("transcript.go")}
      ready={/.@.+\../.test(to)}
      saving={sent.isPending}
      checked
      onSend={() => sent.mutate()}
      onClose={onClose}
    >
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
    </FormDialog>
  );
}
