import { App, Button, Input } from "antd";
import { useState } from "react";
import { download } from "../../../shared/http/download";
import { plainWords } from "../../../shared/http/problem";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { useGoverns } from "../../../shared/session/session";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { blockContact, type Contact, eraseContact, exportOf } from "../api/contacts";
import styles from "./Contacts.module.css";

interface Props {
  readonly contact: Contact;
  readonly name: string;
}

/** What may be done about a contact, and what they may ask of us: all that is kept, or that it be gone. */
export function ContactActs({ contact, name }: Props) {
  const t = useT();
  const governs = useGoverns();
  const { message } = App.useApp();
  const [erasing, setErasing] = useState(false);
  const block = useAct(() => blockContact(contact.id, !contact.blocked), {
    refreshes: [["contacts"], ["summary"]],
  });
  const save = () =>
    void download(exportOf(contact.id), `${contact.id}.json`).catch(
      (error) => void message.error(plainWords(error)),
    );
  return (
    <div className={styles.acts}>
      <Button loading={block.isPending} onClick={() => block.mutate()}>
        {t(contact.blocked ? "contact.unblock" : "contact.block")}
      </Button>
      {governs && (
        <>
          <Button onClick={save}>{t("contacts.export")}</Button>
          <Button danger onClick={() => setErasing(true)}>
            {t("contacts.erase")}
          </Button>
        </>
      )}
      {erasing && <Erasure contact={contact} name={name} onClose={() => setErasing(false)} />}
    </div>
  );
}

/** It cannot be undone, so it takes more than one press. */
function Erasure({ contact, name, onClose }: Props & { readonly onClose: () => void }) {
  const t = useT();
  const { message } = App.useApp();
  const [typed, setTyped] = useState("");
  const erased = useAct(() => eraseContact(contact.id), {
    refreshes: [["contacts"], ["facts"], ["summary"], ["tickets"]],
    onDone: (gone) => {
      void message.success(
        t("contacts.erased", { messages: gone.messages, conversations: gone.conversations }),
      );
      onClose();
    },
  });
  return (
    <Dialog label={t("contacts.erase")} onClose={onClose}>
      <form
        className={styles.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          erased.mutate();
        }}
      >
        <h2>{t("contacts.erase_title", { name })}</h2>
        <p>{t("contacts.erase_hint")}</p>
        <Field label={t("contacts.erase_type", { name })}>
          {(id) => <Input id={id} value={typed} onChange={(event) => setTyped(event.target.value)} />}
        </Field>
        <div className={styles.acts}>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button
            danger
            type="primary"
            htmlType="submit"
            disabled={typed.trim() !== name}
            loading={erased.isPending}
          >
            {t("contacts.erase")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
