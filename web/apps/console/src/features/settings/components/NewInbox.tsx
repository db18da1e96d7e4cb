import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Radio } from "antd";
import { useId, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { Dialog } from "../../../shared/ui/Dialog";
import { type Channel, createInbox } from "../api/inboxes";
import type { Inbox } from "../api/settings";
import styles from "./Settings.module.css";

interface Props {
  readonly onClose: () => void;
  readonly onMade: (inbox: Inbox) => void;
}

const channels: readonly Channel[] = ["web", "wechat", "wecom", "telegram", "mail", "api"];

export function NewInbox({ onClose, onMade }: Props) {
  const t = useT();
  const client = useQueryClient();
  const nameId = useId();
  const [name, setName] = useState("");
  const [channel, setChannel] = useState<Channel>("web");
  const made = useMutation({
    mutationFn: () => createInbox(name.trim(), channel, prefs.get().locale),
    onSuccess: async (inbox) => {
      await client.invalidateQueries({ queryKey: ["inboxes"] });
      onClose();
      onMade(inbox);
    },
  });
  return (
    <Dialog label={t("inboxes.make")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          made.mutate();
        }}
      >
        <h2>{t("inboxes.make")}</h2>
        <label htmlFor={nameId}>{t("inboxes.name")}</label>
        <Input
          id={nameId}
          value={name}
          required
          maxLength={200}
          placeholder={t("inboxes.name_hint")}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className={styles.scopes}>
          <legend>{t("inboxes.channel")}</legend>
          <Radio.Group value={channel} onChange={(event) => setChannel(event.target.value as Channel)}>
            {channels.map((one) => (
              <Radio key={one} value={one}>
                {t(`inboxes.${one}`)}
              </Radio>
            ))}
          </Radio.Group>
          <p className={styles.about}>{t(`inboxes.${channel}_about`)}</p>
        </fieldset>
        <p role="alert" className={styles.fault}>
          {made.isError && plainWords(made.error)}
        </p>
        <Button type="primary" htmlType="submit" disabled={!name.trim()} loading={made.isPending}>
          {t("inboxes.make")}
        </Button>
      </form>
    </Dialog>
  );
}
