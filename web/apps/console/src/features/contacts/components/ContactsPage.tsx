import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Input } from "antd";
import { useEffect } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import opens from "../../../shared/ui/Opens.module.css";
import { Page } from "../../../shared/ui/Page";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import { type Contact, findContacts } from "../api/contacts";
import styles from "./Contacts.module.css";
import { useContactName } from "./useContactName";

interface Props {
  readonly words: string;
  readonly onWords: (words: string) => void;
}

/** Everybody who ever came, found by name, number or attribute; the last seen first. */
export function ContactsPage({ words, onWords }: Props) {
  const t = useT();
  useEffect(() => {
    document.title = `${t("nav.contacts")} · ${t("app.name")}`;
  }, [t]);
  const found = useQuery({
    queryKey: ["contacts", words],
    queryFn: ({ signal }) => findContacts(words, signal),
  });
  return (
    <Page title={t("nav.contacts")} about={t("contacts.about")}>
      <div className={styles.search}>
        <Input.Search
          key={words}
          defaultValue={words}
          allowClear
          maxLength={100}
          aria-label={t("contacts.find")}
          placeholder={t("contacts.find_hint")}
          onSearch={(text) => onWords(text.trim())}
        />
      </div>
      <Loaded of={found} rows={8}>
        {(contacts) =>
          contacts.length === 0 ? (
            <Empty
              title={t(words ? "contacts.none" : "contacts.empty")}
              hint={t(words ? "contacts.none_hint" : "contacts.empty_hint")}
            />
          ) : (
            <Found contacts={contacts} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Found({ contacts }: { readonly contacts: readonly Contact[] }) {
  const t = useT();
  const nameOf = useContactName();
  const { locale } = useStore(prefs);
  return (
    <Scroll>
      <table className={table.table}>
        <caption className="visually-hidden">{t("nav.contacts")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("contacts.name")}</th>
            <th scope="col">{t("contacts.number")}</th>
            <th scope="col">{t("contacts.attributes")}</th>
            <th scope="col">{t("contacts.seen")}</th>
          </tr>
        </thead>
        <tbody>
          {contacts.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <Link to="/contacts/$contactId" params={{ contactId: one.id }} className={opens.link ?? ""}>
                  {nameOf(one)}
                </Link>
                {one.blocked && (
                  <Chip tone="red" beside>
                    {t("contacts.blocked")}
                  </Chip>
                )}
              </th>
              <td>{one.verified ? one.external_id : ""}</td>
              <td className={table.wraps}>
                {Object.entries(one.attributes)
                  .map(([name, value]) => `${name} ${value}`)
                  .join(" · ")}
              </td>
              <td>{stamp(toMs(one.last_seen_at), Date.now(), locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
