import { Input, Radio } from "antd";
import { useId, useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { Choice } from "../../../shared/ui/Choice";
import { FormDialog } from "../../../shared/ui/FormDialog";
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
  const nameId = useId();
  const [name, setName] = useState("");
  const [channel, setChannel] = useState<Channel>("web");
  const made = useSave(() => createInbox(name.trim(), channel, prefs.get().locale), {
    refreshes: [["inboxes"]],
    onDone: (inbox) => {
      onClose();
      onMade(inbox);
    },
  });
  return (
    <FormDialog
      title={t("inboxes.make")}
      act={t("inboxes.make")}
      ready={name.trim() !== ""}
      saving={made.saving}
      fault={made.fault}
      checked
      onSend={made.save}
      onClose={onClose}
    >
      <label htmlFor={nameId}>{t("inboxes.name")}</label>
      <Input
        id={nameId}
        value={name}
        required
        maxLength={200}
        placeholder={t("inboxes.name_hint")}
        onChange={(event) => setName(event.target.value)}
      />
      <Choice legend={t("inboxes.channel")}>
        <Radio.Group value={channel} onChange={(event) => setChannel(event.target.value as Channel)}>
          {channels.map((one) => (
            <Radio key={one} value={one}>
              {t(`inboxes.${one}`)}
            </Radio>
          ))}
        </Radio.Group>
        <p className={styles.about}>{t(`inboxes.${channel}_about`)}</p>
      </Choice>
    </FormDialog>
  );
}
