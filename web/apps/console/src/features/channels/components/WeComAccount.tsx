import { Input, Radio } from "antd";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Choice } from "../../../shared/ui/Choice";
import { CopyText } from "../../../shared/ui/CopyText";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { getWeCom, setWeCom, type WeCom, type WeComEntry } from "../api/channels";
import { faultsOfWeCom, weComEntryOf } from "../model/entries";
import { AccountForm } from "./AccountForm";
import styles from "./Channels.module.css";
import { Entry } from "./Entry";
import { useAccount, useSaving } from "./useAccount";

/** A customer-service account at WeCom: what its console shows, and who serves after the assistant. */
export function WeComAccount({ inboxId }: { readonly inboxId: string }) {
  const t = useT();
  const account = useAccount("wecom", inboxId, getWeCom);
  const callback = `/v1/channels/wecom/${inboxId}`;
  return (
    <section className={styles.block} aria-labelledby="account">
      <h3 id="account">{t("wecom.title")}</h3>
      <p className={styles.about}>{t("wecom.about")}</p>
      <Loaded of={account}>{(found) => <Facts inboxId={inboxId} before={found} />}</Loaded>
      <h3>{t("door.callback")}</h3>
      <p className={styles.about}>{t("wecom.callback_about")}</p>
      <CopyText text={location.origin + callback} />
    </section>
  );
}

function Facts({ inboxId, before }: { readonly inboxId: string; readonly before: WeCom | null }) {
  const t = useT();
  const [entry, setEntry] = useState<WeComEntry>(() => weComEntryOf(before));
  const change = (more: Partial<WeComEntry>) => setEntry((now) => ({ ...now, ...more }));
  const saving = useSaving({
    kind: "wecom",
    inboxId,
    save: () => setWeCom(inboxId, entry),
    onDone: () => change({ token: "", aes_key: "", secret: "" }),
  });
  const line = (name: Exclude<keyof WeComEntry, "handoff">, label: string, hint: string, secret = false) => (
    <Entry
      label={label}
      hint={hint}
      secret={secret}
      value={entry[name]}
      wrong={saving.faults.has(name)}
      placeholder={secret && before ? t("door.keep") : undefined}
      onValue={(value) => change({ [name]: value })}
    />
  );
  return (
    <AccountForm of={saving} faults={() => faultsOfWeCom(entry, before)}>
      {line("corp_id", t("wecom.corp_id"), t("wecom.corp_id_hint"))}
      {line("open_kfid", t("wecom.open_kfid"), t("wecom.open_kfid_hint"))}
      {line(
        "secret",
        "Secret",
        before ? t("door.keep_hint", { hint: before.secret_hint }) : t("wecom.secret_hint"),
        true,
      )}
      {line("token", "Token", t("wecom.token_hint"), true)}
      {line("aes_key", "EncodingAESKey", t("wecom.aes_key_hint"), true)}
      <Field label={t("wecom.welcome")}>
        {(id) => (
          <Input.TextArea
            id={id}
            rows={2}
            maxLength={500}
            value={entry.welcome}
            onChange={(event) => change({ welcome: event.target.value })}
          />
        )}
      </Field>
      <Choice legend={t("wecom.handoff")}>
        <Radio.Group
          value={entry.handoff}
          onChange={(event) => change({ handoff: event.target.value as WeComEntry["handoff"] })}
        >
          <Radio value="here">{t("wecom.handoff.here")}</Radio>
          <Radio value="wecom">{t("wecom.handoff.wecom")}</Radio>
        </Radio.Group>
      </Choice>
      {entry.handoff === "wecom" && line("servicer", t("wecom.servicer"), t("wecom.servicer_hint"))}
    </AccountForm>
  );
}
