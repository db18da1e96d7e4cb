import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useEffect } from "react";
import { dayAndTime, stamp, toMs } from "../../../shared/format/time";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { plain } from "../../../shared/markup/plain";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Facts } from "../../../shared/ui/Facts";
import { Loaded } from "../../../shared/ui/Loaded";
import opens from "../../../shared/ui/Opens.module.css";
import { Page } from "../../../shared/ui/Page";
import { type Contact, getContact, listTalks } from "../api/contacts";
import { ContactActs } from "./ContactActs";
import { ContactForm } from "./ContactForm";
import styles from "./Contacts.module.css";
import { Recollections } from "./Recollections";
import { useContactName } from "./useContactName";

/** One contact: who it is, what is remembered, what was said, and what they may ask of us. */
export function ContactPage({ id }: { readonly id: string }) {
  const t = useT();
  const contact = useQuery({
    queryKey: ["contacts", "one", id],
    queryFn: ({ signal }) => getContact(id, signal),
  });
  return (
    <Loaded of={contact}>
      {(found) => <Known key={found.id} contact={found} all={t("contacts.all")} />}
    </Loaded>
  );
}

function Known({ contact, all }: { readonly contact: Contact; readonly all: string }) {
  const t = useT();
  const nameOf = useContactName();
  const { locale } = useStore(prefs);
  const name = nameOf(contact);
  useEffect(() => {
    document.title = `${name} · ${t("app.name")}`;
  }, [t, name]);
  const facts: readonly (readonly [string, string])[] = [
    [t("contact.verified"), contact.verified ? contact.external_id : ""],
    [t("contact.since"), dayAndTime(toMs(contact.created_at), locale)],
    [t("contacts.seen"), dayAndTime(toMs(contact.last_seen_at), locale)],
  ];
  return (
    <Page title={name} about={t("contacts.one_about")} action={<ContactActs contact={contact} name={name} />}>
      <p>
        <Link to="/contacts" className={opens.back ?? ""}>
          <ArrowLeft size={14} strokeWidth={1.5} aria-hidden="true" /> {all}
        </Link>
      </p>
      {contact.blocked && <p className={styles.warning}>{t("contact.blocked")}</p>}
      <div className={styles.split}>
        <div className={styles.column}>
          <section className={styles.card} aria-label={t("contact.label")}>
            <Facts className={styles.known} of={facts} />
            <ContactForm contact={contact} />
          </section>
          <section className={styles.card} aria-label={t("facts.label")}>
            <Recollections contactId={contact.id} empty={t("facts.empty")} />
          </section>
        </div>
        <Talks id={contact.id} />
      </div>
    </Page>
  );
}

function Talks({ id }: { readonly id: string }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const talks = useQuery({
    queryKey: ["contacts", "one", id, "talks"],
    queryFn: ({ signal }) => listTalks(id, signal),
  });
  return (
    <section className={styles.card} aria-labelledby="talks">
      <h2 id="talks" className={styles.heading}>
        {t("contact.earlier", { count: talks.data?.length ?? 0 })}
      </h2>
      <Loaded of={talks}>
        {(all) => (
          <ul className={styles.talks}>
            {all.map((one) => {
              const word = `status.${one.status}`;
              return (
                <li key={one.id}>
                  <Link
                    to="/conversations/$conversationId"
                    params={{ conversationId: one.id }}
                    search={{}}
                    preload={false}
                  >
                    <span>{plain(one.preview) || t("list.nothing_said")}</span>
                    <span className={styles.about}>
                      {hasWord(word) ? t(word) : one.status} ·{" "}
                      {stamp(toMs(one.updated_at), Date.now(), locale)}
                    </span>
                  </Link>
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
