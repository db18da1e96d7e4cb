import { Link } from "@tanstack/react-router";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import type { Figures } from "../api/insight";
import { changeOf, said } from "../model/figures";
import styles from "./Insight.module.css";

interface Props {
  readonly figures: Figures;
  readonly previous: Figures;
}

/** What visitors found of it, at one look: the mean as a scale, and who is behind it. */
export function Quality({ figures, previous }: Props) {
  const t = useT();
  const { locale } = useStore(prefs);
  const { score, scored, content, csat, reopened } = figures;
  const change = changeOf(score, previous.score);
  return (
    <section className={`${styles.card} ${styles.quality}`} aria-labelledby="quality">
      <h2 id="quality">{t("insight.quality")}</h2>
      {score === null ? (
        <p className={styles.nothing}>{t("insight.quality.none")}</p>
      ) : (
        <>
          <p>
            {t("insight.quality.says", {
              scored: said(scored, "count", locale),
              score: said(score, "score", locale),
            })}
            {change && change.percent > 0 && t(change.word, { percent: change.percent })}
          </p>
          <Scale score={score} />
        </>
      )}
      <dl>
        <div>
          <dt>{t("insight.quality.scored")}</dt>
          <dd>{said(scored, "count", locale)}</dd>
        </div>
        <div>
          <dt>{t("insight.content")}</dt>
          <dd>{said(content, "share", locale)}</dd>
        </div>
        <div>
          <dt>{t("insight.quality.helpful")}</dt>
          <dd>{said(csat, "share", locale)}</dd>
        </div>
        <div>
          <dt>{t("insight.quality.back")}</dt>
          <dd>{said(reopened, "count", locale)}</dd>
        </div>
      </dl>
      <Link to="/insight" search={{ tab: "reviews" }} className={styles.next ?? ""}>
        {t("insight.quality.to_reviews")}
      </Link>
    </section>
  );
}

/** Five steps, filled as far as the mean goes. */
function Scale({ score }: { readonly score: number }) {
  const t = useT();
  return (
    <div
      className={styles.scale}
      role="img"
      aria-label={t("insight.quality.of", { score: score.toFixed(1) })}
    >
      {[1, 2, 3, 4, 5].map((step) => (
        <i key={step}>
          <b style={{ inlineSize: `${Math.round(Math.min(1, Math.max(0, score - step + 1)) * 100)}%` }} />
        </i>
      ))}
      <strong>{score.toFixed(1)}</strong>
    </div>
  );
}
