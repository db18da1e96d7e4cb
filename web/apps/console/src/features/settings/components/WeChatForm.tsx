import { useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Select } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { Fault } from "../../../shared/ui/Fault";
import { Field } from "../../../shared/ui/Field";
import { setWeChat, type WeChat, type WeChatEntry } from "../api/inboxes";
import detail from "./Detail.module.css";
import styles from "./Settings.module.css";

interface Props {
  readonly inboxId: string;
  readonly before: WeChat | null;
  readonly onDone: () => void;
}

/** What WeChat shows of the account. Secrets are entered and never shown again. */
export function WeChatForm({ inboxId, before, onDone }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [entry, setEntry] = useState<WeChatEntry>({
    app_id: before?.app_id ?? "",
    app_secret: "",
    token: "",
    aes_key: "",
    mode: before?.mode ?? "encrypted",
    welcome: before?.welcome ?? "",
    can_send: before?.can_send ?? true,
  });
  const change = (more: Partial<WeChatEntry>) => setEntry({ ...entry, ...more });
  const saved = useSave(() => setWeChat(inboxId, entry), {
    onDone: (account) => {
      client.setQueryData(["wechat", inboxId], account);
      onDone();
    },
  });
  const kept = before !== null && before.app_id === entry.app_id;
  const secret = {
    autoComplete: "new-password",
    spellCheck: false,
    visibilityToggle: false,
    ...(kept && { placeholder: t("door.keep") }),
  } as const;
  return (
    <form
      className={detail.fields}
      onSubmit={(event) => {
        event.preventDefault();
        saved.save();
      }}
    >
      <p className={styles.about}>{t("wechat.about")}</p>
      <Field label="AppID">
        {(id) => (
          <Input
            id={id}
            required
            pattern="[A-Za-z0-9]{1,64}"
            value={entry.app_id}
            onChange={(event) => change({ app_id: event.target.value.trim() })}
          />
        )}
      </Field>
      <Field label="AppSecret">
        {(id) => (
          <Input.Password
            {...secret}
            id={id}
            maxLength={128}
            value={entry.app_secret}
            onChange={(event) => change({ app_secret: event.target.value.trim() })}
          />
        )}
      </Field>
      <Field label="Token">
        {(id) => (
          <Input.Password
            {...secret}
            id={id}
            required={!kept}
            pattern="[A-Za-z0-9]{3,32}"
            value={entry.token}
            onChange={(event) => change({ token: event.target.value.trim() })}
          />
        )}
      </Field>
      <Field label={t("wechat.mode")}>
        {(id) => (
          <Select
            id={id}
            value={entry.mode}
            options={(["encrypted", "compatible", "plain"] as const).map((value) => ({
              value,
              label: t(`wechat.mode.${value}`),
            }))}
            onChange={(mode) => change({ mode })}
          />
        )}
      </Field>
      {entry.mode !== "plain" && (
        <Field label="EncodingAESKey">
          {(id) => (
            <Input.Password
              {...secret}
              id={id}
              required={!kept}
              pattern="[A-Za-z0-9]{43}"
              value={entry.aes_key}
              onChange={(event) => change({ aes_key: event.target.value.trim() })}
            />
          )}
        </Field>
      )}
      <Field label={t("wechat.welcome")}>
        {(id) => (
          <Input.TextArea
            id={id}
            rows={2}
            maxLength={2000}
            value={entry.welcome}
            onChange={(event) => change({ welcome: event.target.value })}
          />
        )}
      </Field>
      <Checkbox checked={entry.can_send} onChange={(event) => change({ can_send: event.target.checked })}>
        {t("wechat.can_send_hint")}
      </Checkbox>
      <Fault>{saved.fault}</Fault>
      <div className={styles.acts}>
        <Button type="primary" htmlType="submit" loading={saved.saving}>
          {t("wechat.save")}
        </Button>
        {before && <Button onClick={onDone}>{t("action.cancel")}</Button>}
      </div>
    </form>
  );
}
