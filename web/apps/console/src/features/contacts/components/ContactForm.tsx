import { Button, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { type Contact, changeContact } from "../api/contacts";
import { attributesOf, changesOf, textOf } from "../model/attributes";
import styles from "./Contacts.module.css";

/** Name and attributes, to be put right. */
export function ContactForm({ contact }: { readonly contact: Contact }) {
  const t = useT();
  const [name, setName] = useState(contact.name);
  const [text, setText] = useState(textOf(contact.attributes));
  const wanted = attributesOf(text);
  const changes = changesOf(contact.attributes, wanted);
  const saved = useAct(() => changeContact(contact.id, name.trim(), changes), {
    refreshes: [["contacts"], ["summary"], ["vips"]],
  });
  const same = name.trim() === contact.name && Object.keys(changes).length === 0;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        saved.mutate();
      }}
    >
      <Field label={t("contacts.name")}>
        {(id) => (
          <Input id={id} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label={t("contacts.attributes")} hint={t("contacts.attributes_hint")}>
        {(id) => (
          <Input.TextArea
            id={id}
            value={text}
            autoSize={{ minRows: 2, maxRows: 10 }}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button htmlType="submit" disabled={same} loading={saved.isPending}>
        {t("action.save")}
      </Button>
    </form>
  );
}
