import { hasWord, useT } from "../../../shared/i18n/i18n";
import type { Figures } from "../api/insight";
import { reasons } from "../model/figures";
import styles from "./Insight.module.css";

/** Why conversations came to people: bars that begin at zero, each with its name and its number. */
export function Reasons({ figures }: { readonly figures: Figures }) {
  const t = useT();
  const found = reasons(figures);
  const top = found[0]?.[1] ?? 0;
  const nameOf = (reason: string) => {
    const word = `handoff.${reason}`;
    return hasWord(word) ? t(word) : reason;
  };
  return (
    <section className={styles.card} aria-labelledby="handoff-reasons">
      <h2 id="handoff-reasons">{t("insight.reasons")}</h2>
      <p>
        {found[0]
          ? t("insight.reasons.says", { count: figures.handed_off, reason: nameOf(found[0][0]) })
          : t("insight.reasons.none")}
      </p>
      <ul className={styles.bars}>
        {found.map(([reason, count]) => (
          <li key={reason}>
            <span>{nameOf(reason)}</span>
            <i style={{ inlineSize: `${(count / top) * 100}%` }} />
            <b>{count}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
