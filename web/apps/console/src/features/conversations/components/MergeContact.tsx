import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { type Contact, findContacts, mergeContact, partContact } from "../api/desk";
import { tailOf } from "../model/conversation";
import styles from "./MergeContact.module.css";

interface Props {
  readonly contact: Contact;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** They are one person: their conversations are seen together from here on, until they are parted again. */
export function MergeContact({ contact, onClose, onDone }: Props) {
  const t = useT();
  const id = useId();
  const [words, setWords] = useState("");
  const found = useQuery({
    queryKey: ["contacts", words.trim()],
    queryFn: ({ signal }) => findContacts(words.trim(), signal),
    placeholderData: (before) => before,
  });
  const done = useMutation({
    mutationFn: (deed: () => Promise<Contact>) => deed(),
    onSuccess: () => {
      onDone();
      onClose();
    },
  });
  const others = (found.data ?? []).filter((one) => one.id !== contact.id && !contact.also.includes(one.id));
  return (
    <Dialog label={t("merge.title")} onClose={onClose}>
      <div className={styles.merge}>
        <h2>{t("merge.title")}</h2>
        <p>{t("merge.about")}</p>
        {contact.also.map((one) => (
          <div key={one} className={styles.row}>
            <span>{t("contact.unnamed", { tail: tailOf({ contactId: one }) })}</span>
            <Button size="small" onClick={() => done.mutate(() => partContact(one))}>
              {t("merge.part")}
            </Button>
          </div>
        ))}
        <label htmlFor={id}>{t("merge.find")}</label>
        <Input id={id} value={words} allowClear onChange={(event) => setWords(event.target.value)} />
        <ul>
          {others.map((one) => (
            <li key={one.id} className={styles.row}>
              <span>
                {one.name || t("contact.unnamed", { tail: tailOf({ contactId: one.id }) })}
                {one.external_id && <code> {one.external_id}</code>}
              </span>
              <Button
                size="small"
                loading={done.isPending}
                onClick={() => done.mutate(() => mergeContact(contact.id, one.id))}
              >
                {t("merge.into")}
              </Button>
            </li>
          ))}
        </ul>
        {found.data && others.length === 0 && <p>{t("merge.none")}</p>}
        <p role="alert" className={styles.fault}>
          {done.isError && plainWords(done.error)}
        </p>
      </div>
    </Dialog>
  );
}
