import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Radio } from "antd";
import { useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { replayWebhook } from "../api/webhooks";
import { hoursAgo } from "../model/webhooks";
import styles from "./Settings.module.css";

const spans = [1, 24, 72, 168] as const;

/** Sends again what was given up, once the other side is well. */
export function Replay({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [hours, setHours] = useState<number>(24);
  const [sentToo, setSentToo] = useState(false);
  const replayed = useMutation({
    mutationFn: () => replayWebhook(id, hoursAgo(hours, Date.now()), sentToo),
    onSuccess: async ({ events }) => {
      void message.success(t("webhooks.replayed", { count: events }));
      onClose();
      await client.invalidateQueries({ queryKey: ["webhooks"] });
    },
  });
  return (
    <Dialog label={t("webhooks.replay")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          replayed.mutate();
        }}
      >
        <h2>{t("webhooks.replay")}</h2>
        <p className={styles.about}>{t("webhooks.replay_about")}</p>
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
        <p role="alert" className={styles.fault}>
          {replayed.isError && plainWords(replayed.error)}
        </p>
        <Button type="primary" htmlType="submit" loading={replayed.isPending}>
          {t("webhooks.replay")}
        </Button>
      </form>
    </Dialog>
  );
}
