import { hasWord, useT } from "../../../shared/i18n/i18n";
import type { Summary } from "../api/desk";
import styles from "./SidePanel.module.css";

/** What the assistant leaves for the person: what is wanted, what was tried, what was named. */
export function HandoffCard({ summary }: { readonly summary: Summary }) {
  const t = useT();
  const reason = `handoff.${summary.reason}`;
  const mood = summary.sentiment < 0 ? "summary.upset" : summary.sentiment > 0 ? "summary.pleased" : null;
  return (
    <section className={styles.card} aria-labelledby="handoff-card">
      <h2 id="handoff-card">{t("summary.title")}</h2>
      <p className={styles.why}>
        {hasWord(reason) ? t(reason) : summary.reason}
        {mood && <span data-mood={mood}>{t(mood)}</span>}
      </p>
      {summary.wants && (
        <>
          <h3>{t("summary.wants")}</h3>
          <p>{summary.wants}</p>
        </>
      )}
      {summary.entities.length > 0 && (
        <ul className={styles.entities}>
          {summary.entities.map((one) => {
            const kind = `entity.${one.kind}`;
            return (
              <li key={`${one.kind} ${one.text}`}>
                <span>{hasWord(kind) ? t(kind) : one.kind}</span> {one.text}
              </li>
            );
          })}
        </ul>
      )}
      {summary.tried.length > 0 && (
        <details>
          <summary>{t("summary.tried", { count: summary.tried.length })}</summary>
          <dl className={styles.tried}>
            {summary.tried.map((one) => (
              <div key={one.question}>
                <dt>{one.question}</dt>
                <dd>{one.answer || t("summary.no_answer")}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}
