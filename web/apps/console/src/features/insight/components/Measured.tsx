import { Skeleton } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import table from "../../../shared/ui/Table.module.css";
import type { OverTime } from "../api/insight";
import { changeOf, lines, type Measure, said } from "../model/figures";
import styles from "./Insight.module.css";

const LineChart = lazy(async () => ({ default: (await import("./LineChart")).LineChart }));

interface Props {
  readonly measure: Measure;
  readonly now: OverTime;
  readonly before: OverTime | undefined;
  readonly labels: readonly string[];
}

/** A measure over time: what it comes to in one sentence, the lines, and the numbers for who wants them. */
export function Measured({ measure, now, before, labels }: Props) {
  const t = useT();
  const { locale } = useStore(prefs);
  const say = useMemo(() => (value: number | null) => said(value, measure.unit, locale), [measure, locale]);
  const [current, earlier] = useMemo(() => lines(measure, now, before), [measure, now, before]);
  const total = measure.of(now.total);
  const change = changeOf(total, measure.of(now.previous));
  const sentence = `${t(`insight.${measure.name}.says`, { value: say(total) })}${
    change ? t(change.word, { percent: change.percent }) : t("insight.no_before")
  }`;
  const drawing = useMemo(
    () => ({
      labels,
      now: current ?? [],
      before: earlier ?? [],
      nameNow: t("insight.this"),
      nameBefore: t("insight.before"),
      say,
      top: measure.unit === "share" ? 1 : measure.unit === "score" ? 5 : undefined,
    }),
    [labels, current, earlier, say, measure, t],
  );
  return (
    <section className={styles.card} aria-labelledby={`measure-${measure.name}`}>
      <h2 id={`measure-${measure.name}`}>{t(`insight.${measure.name}`)}</h2>
      {total !== null && <p>{sentence}</p>}
      {total === null ? (
        <p className={styles.nothing}>{t("insight.nothing")}</p>
      ) : (
        <>
          <Suspense fallback={<Skeleton className={styles.chart ?? ""} active />}>
            <LineChart drawing={drawing} name={sentence} />
          </Suspense>
          <details>
            <summary>{t("insight.numbers")}</summary>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">{t("insight.when")}</th>
                  <th scope="col" className={table.number}>
                    {t("insight.this")}
                  </th>
                  <th scope="col" className={table.number}>
                    {t("insight.before")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {labels.map((label, n) => (
                  <tr key={label}>
                    <th scope="row">{label}</th>
                    <td className={table.number}>{say(current?.[n] ?? null)}</td>
                    <td className={table.number}>{say(earlier?.[n] ?? null)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </section>
  );
}
