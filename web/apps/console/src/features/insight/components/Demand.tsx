import { useQuery } from "@tanstack/react-query";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { getDemand } from "../api/demand";
import type { Among } from "../model/among";
import { said } from "../model/figures";
import { type Days, stretchOf } from "../model/period";
import styles from "./Insight.module.css";

/** What visitors asked about most, by the articles that answered them, and how the answers came about. */
export function Demand({ days, among }: { readonly days: Days; readonly among: Among }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const { data } = useQuery({
    queryKey: ["insight", "demand", days, among],
    queryFn: ({ signal }) => getDemand(stretchOf(days, new Date()), among, signal),
  });
  if (!data) return null;
  const [first] = data.topics;
  const top = first?.count ?? 0;
  const count = (n: number) => said(n, "count", locale);
  return (
    <section className={`${styles.card} ${styles.quality}`} aria-labelledby="demand">
      <h2 id="demand">{t("demand.title")}</h2>
      <p>{first ? t("demand.says", { title: first.title, count: count(top) }) : t("demand.none")}</p>
      <ul className={styles.bars}>
        {data.topics.map((one) => (
          <li key={one.article_id}>
            <span>
              {one.title}
              {one.before === 0 && ` · ${t("demand.new")}`}
            </span>
            <i style={{ inlineSize: `${(one.count / top) * 100}%` }} />
            <b>{count(one.count)}</b>
          </li>
        ))}
      </ul>
      <dl>
        <div>
          <dt>{t("demand.kept")}</dt>
          <dd title={t("demand.of_answers", { count: count(data.answers) })}>
            {said(data.kept_share, "share", locale)}
          </dd>
        </div>
        <div>
          <dt>{t("demand.throttled")}</dt>
          <dd title={t("demand.of_calls", { count: count(data.attempts) })}>
            {said(data.throttled_share, "share", locale)}
          </dd>
        </div>
      </dl>
    </section>
  );
}
