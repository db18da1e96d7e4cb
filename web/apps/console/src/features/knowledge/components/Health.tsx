import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import opens from "../../../shared/ui/Opens.module.css";
import { Rows } from "../../../shared/ui/Rows";
import { type Finding, getHealth } from "../api/writing";
import { Certainty } from "./Certainty";
import styles from "./Writing.module.css";

const ailments = ["contradiction", "expired", "duplicate", "never_found", "never_retrieved"] as const;

/** What ails the knowledge base, the gravest first, each with the way to mend it. */
export function Health({ onEdit }: { readonly onEdit: (id: string) => void }) {
  const t = useT();
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => getHealth(signal) });
  return (
    <>
      <Certainty />
      <Loaded of={health}>
        {(findings) =>
          findings.length === 0 ? (
            <Empty title={t("health.well")} hint={t("health.well_hint")} />
          ) : (
            ailments.map((ailment) => (
              <Group
                key={ailment}
                ailment={ailment}
                findings={findings.filter((one) => one.ailment === ailment)}
                onEdit={onEdit}
              />
            ))
          )
        }
      </Loaded>
    </>
  );
}

interface GroupProps {
  readonly ailment: Finding["ailment"];
  readonly findings: readonly Finding[];
  readonly onEdit: (id: string) => void;
}

function Group({ ailment, findings, onEdit }: GroupProps) {
  const t = useT();
  if (findings.length === 0) return null;
  return (
    <section className={styles.group} aria-labelledby={`ailment-${ailment}`}>
      <h2 id={`ailment-${ailment}`}>
        {t(`health.${ailment}`)} <span className={styles.about}>{findings.length}</span>
      </h2>
      <p className={styles.about}>{t(`health.${ailment}_hint`)}</p>
      <Rows>
        {findings.map((one) => (
          <li key={`${one.article_id} ${one.other_article_id} ${one.detail}`} className={styles.row}>
            <div className={styles.words}>
              <button type="button" className={opens.button} onClick={() => onEdit(one.article_id)}>
                {one.title}
              </button>
              {one.detail && <p className={styles.about}>{one.detail}</p>}
            </div>
            {one.other_article_id && (
              <Button onClick={() => onEdit(one.other_article_id)}>{t("health.other")}</Button>
            )}
          </li>
        ))}
      </Rows>
    </section>
  );
}
