import { App, Checkbox, Radio } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { replayWebhook } from "../api/webhooks";
import { hoursAgo } from "../model/webhooks";

const spans = [1, 24, 72, 168] as const;

/** Sends again what was given up, once the other side is well. */
export function Replay({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const t = useT();
  const { message } = App.useApp();
  const [hours, setHours] = useState<number>(24);
  const [sentToo, setSentToo] = useState(false);
  const replayed = useSave(() => replayWebhook(id, hoursAgo(hours, Date.now()), sentToo), {
    refreshes: [["webhooks"]],
    onDone: ({ events }) => {
      void message.success(t("webhooks.replayed", { count: events }));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t("webhooks.replay")}
      about={t("webhooks.replay_about")}
      act={t("webhooks.replay")}
      saving={replayed.saving}
      fault={replayed.fault}
      onSend={replayed.save}
      onClose={onClose}
    >
      <Radio.Group
        aria-label={t("webhooks.replay_span")}
        value={hours}
        onChange={(event) => setHours(event.target.value as number)}
      >
        {spans.map((one) => (
          <Radio key={one} value={one}>
            {t(one < 24 ? "webhooks.last_hour" : "webhooks.last_days", { count: one / 24 })}
          </Radio>
        ))}
      </Radio.Group>
      <Checkbox checked={sentToo} onChange={(event) => setSentToo(event.target.checked)}>
        {t("webhooks.sent_too")}
      </Checkbox>
    </FormDialog>
  );
}
