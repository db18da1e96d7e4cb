import { Button, InputNumber, Radio, Select } from "antd";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { Choice } from "../../../shared/ui/Choice";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { getMail, type Mail, type MailEntry, type Safety, setMail } from "../api/channels";
import { type Faults, faultsOfMail, keeps, mailEntryOf, portOf } from "../model/entries";
import { AccountForm } from "./AccountForm";
import styles from "./Channels.module.css";
import { Entry } from "./Entry";
import { useAccount, useSaving } from "./useAccount";

const safeties: readonly Safety[] = ["tls", "starttls", "none"];

/** A mailbox: where letters are fetched, and where they are handed over. */
export function MailAccount({ inboxId }: { readonly inboxId: string }) {
  const t = useT();
  const account = useAccount("mail", inboxId, getMail);
  return (
    <section className={styles.block} aria-labelledby="account">
      <h3 id="account">{t("mail.title")}</h3>
      <p className={styles.about}>{t("mail.about")}</p>
      <Loaded of={account}>{(found) => <Facts inboxId={inboxId} before={found} />}</Loaded>
    </section>
  );
}

function Facts({ inboxId, before }: { readonly inboxId: string; readonly before: Mail | null }) {
  const t = useT();
  const [entry, setEntry] = useState<MailEntry>(() => mailEntryOf(before, prefs.get().locale));
  const change = (more: Partial<MailEntry>) => setEntry((now) => ({ ...now, ...more }));
  const saving = useSaving({
    kind: "mail",
    inboxId,
    save: () => setMail(inboxId, entry),
    onDone: () =>
      setEntry((now) => ({
        ...now,
        imap: { ...now.imap, password: "" },
        smtp: { ...now.smtp, password: "" },
      })),
  });
  const asReceived = () =>
    change({ smtp: { ...entry.smtp, user: entry.imap.user, password: entry.imap.password } });
  return (
    <AccountForm
      of={saving}
      faults={() => faultsOfMail(entry, before)}
      beside={<Button onClick={asReceived}>{t("mail.send_as_receive")}</Button>}
    >
      <Entry
        label={t("mail.address")}
        value={entry.address}
        placeholder="help@example.com"
        wrong={saving.faults.has("address")}
        onValue={(address) => change({ address: address.trim() })}
      />
      <Entry
        label={t("mail.name")}
        hint={t("mail.name_hint")}
        most={100}
        value={entry.name}
        onValue={(name) => change({ name })}
      />
      <Choice legend={t("mail.locale")}>
        <Radio.Group
          value={entry.locale}
          onChange={(event) => change({ locale: event.target.value as MailEntry["locale"] })}
        >
          <Radio value="zh-CN">中文</Radio>
          <Radio value="en">English</Radio>
        </Radio.Group>
      </Choice>
      {(["imap", "smtp"] as const).map((kind) => (
        <Server
          key={kind}
          kind={kind}
          entry={entry}
          before={before}
          faults={saving.faults}
          onChange={change}
        />
      ))}
    </AccountForm>
  );
}

interface ServerProps {
  readonly kind: "imap" | "smtp";
  readonly entry: MailEntry;
  readonly before: Mail | null;
  readonly faults: Faults;
  readonly onChange: (more: Partial<MailEntry>) => void;
}

function Server({ kind, entry, before, faults, onChange }: ServerProps) {
  const t = useT();
  const server = entry[kind];
  const change = (more: Partial<MailEntry["imap"]>) => onChange({ [kind]: { ...server, ...more } });
  const wrong = (name: string) => faults.has(`${kind}.${name}`) || faults.has(kind);
  const known = keeps(server, before?.[kind]);
  const moved = before?.[kind].has_password && !known && server.password === "";
  return (
    <fieldset className={styles.group}>
      <legend>{t(`mail.${kind}`)}</legend>
      <Entry
        label={t("mail.host")}
        placeholder={`${kind}.example.com`}
        value={server.host}
        wrong={wrong("host")}
        onValue={(host) => change({ host: host.trim() })}
      />
      <Field label={t("mail.port")} fault={wrong("port") ? t("door.wrong") : ""}>
        {(id) => (
          <InputNumber
            id={id}
            min={1}
            max={65_535}
            precision={0}
            controls={false}
            value={server.port}
            onChange={(port) => change({ port: port ?? 0 })}
          />
        )}
      </Field>
      <div className={styles.whole}>
        <Field label={t("mail.safety")}>
          {(id) => (
            <Select
              id={id}
              value={server.safety}
              options={safeties.map((value) => ({ value, label: t(`mail.safety.${value}`) }))}
              onChange={(safety) => change({ safety, port: portOf(kind, safety) })}
            />
          )}
        </Field>
      </div>
      <div className={styles.whole}>
        <Entry
          label={t("mail.user")}
          hint={t("mail.user_hint")}
          value={server.user}
          onValue={(user) => change({ user: user.trim() })}
        />
      </div>
      <div className={styles.whole}>
        <Entry
          label={t("mail.password")}
          secret
          most={1024}
          value={server.password}
          hint={moved ? t("mail.password_moved") : known ? t("door.keep") : ""}
          wrong={wrong("password")}
          onValue={(password) => change({ password })}
        />
      </div>
    </fieldset>
  );
}
