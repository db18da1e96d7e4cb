import { useQuery } from "@tanstack/react-query";
import { useT } from "../../../shared/i18n/i18n";
import { getCertainty, type Point } from "../api/writing";
import styles from "./Writing.module.css";

/** What the threshold of confidence costs: answers kept back, against questions answered wrongly. */
export function Certainty() {
  const t = useT();
  const found = useQuery({
    queryKey: ["health", "certainty"],
    queryFn: ({ signal }) => getCertainty(signal),
  });
  if (!found.data || found.data.data.length === 0) return null;
  const { threshold, data } = found.data;
  const now = nearest(data, threshold);
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  return (
    <section className={styles.group} aria-labelledby="certainty">
      <h2 id="certainty">{t("certainty.title")}</h2>
      <p className={styles.about}>
        {t("certainty.says", {
          threshold: threshold.toFixed(2),
          answered: percent(now.answered),
          wrong: percent(now.wrong),
        })}
      </p>
      <details className={styles.numbers}>
        <summary>{t("insight.numbers")}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("certainty.threshold")}</th>
              <th scope="col">{t("certainty.answered")}</th>
              <th scope="col">{t("certainty.wrong")}</th>
            </tr>
          </thead>
          <tbody>
            {data
              .filter((_, place) => place % Math.ceil(data.length / 20) === 0)
              .map((one) => (
                <tr key={one.threshold} aria-current={one === now ? "true" : undefined}>
                  <th scope="row">{one.threshold.toFixed(2)}</th>
                  <td>{percent(one.answered)}</td>
                  <td>{percent(one.wrong)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function nearest(points: readonly Point[], threshold: number): Point {
  const away = (one: Point) => Math.abs(one.threshold - threshold);
  return points.reduce((best, one) => (away(one) < away(best) ? one : best));
}
