import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button, Input } from "antd";
import { useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Facts } from "../../../shared/ui/Facts";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import opens from "../../../shared/ui/Opens.module.css";
import rows from "../../../shared/ui/Rows.module.css";
import { changeCompany, getCompany } from "../api/people";
import detail from "./Detail.module.css";
import styles from "./Settings.module.css";
import { TranslationChoice } from "./TranslationChoice";

/** The company itself, and where what is kept of its contacts can be given out or erased. */
export function Company() {
  const t = useT();
  const { locale } = useStore(prefs);
  const company = useQuery({ queryKey: ["company"], queryFn: ({ signal }) => getCompany(signal) });
  return (
    <Loaded of={company}>
      {(found) => (
        <div className={rows.rows}>
          <section className={styles.card}>
            <h2>{t("settings.company")}</h2>
            <div className={detail.apart}>
              <Rename key={found.name} name={found.name} />
            </div>
            <Facts
              className={detail.facts}
              of={[
                [t("company.slug"), <code key="slug">{found.slug}</code>],
                [t("company.id"), <code key="id">{found.id}</code>],
                [t("company.since"), dayAndTime(toMs(found.created_at), locale)],
              ]}
            />
          </section>
          <TranslationChoice />
          <section className={styles.card}>
            <h2>{t("company.privacy")}</h2>
            <p className={styles.about}>{t("company.privacy_about")}</p>
            <p>
              <Link to="/contacts" className={opens.back ?? ""}>
                {t("company.to_contacts")}
              </Link>
            </p>
          </section>
          <section className={styles.card}>
            <h2>{t("company.limits")}</h2>
            <p className={styles.about}>{t("company.limits_about")}</p>
            <p>
              <Link to="/assistants" search={{ tab: "guard" }} className={opens.back ?? ""}>
                {t("company.to_limits")}
              </Link>
            </p>
          </section>
        </div>
      )}
    </Loaded>
  );
}

/** What visitors and letters call the company. */
function Rename({ name }: { readonly name: string }) {
  const t = useT();
  const { message } = App.useApp();
  const [typed, setTyped] = useState(name);
  const wanted = typed.trim();
  const saved = useAct(() => changeCompany(wanted), {
    refreshes: [["company"]],
    onDone: () => void message.success(t("company.renamed")),
  });
  return (
    <form
      className={detail.fields}
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted) saved.mutate();
      }}
    >
      <Field
        label={t("company.name")}
        hint={t("company.rename_about")}
        fault={wanted ? "" : t("rules.needed")}
      >
        {(id) => (
          <Input
            id={id}
            value={typed}
            maxLength={200}
            aria-invalid={!wanted}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <p className={styles.acts}>
        <Button htmlType="submit" disabled={!wanted || wanted === name} loading={saved.isPending}>
          {t("company.rename")}
        </Button>
      </p>
    </form>
  );
}
