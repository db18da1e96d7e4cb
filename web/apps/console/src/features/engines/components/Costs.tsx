import { useMemo } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import type { Day } from "../api/engines";
import { money } from "../model/board";
import { spentByDay } from "../model/costs";
import styles from "./Engines.module.css";

/** What every day cost, and what for. */
export function Costs({ days }: { readonly days: readonly Day[] }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const spent = useMemo(() => spentByDay(days), [days]);
  return (
    <section className={styles.costs} aria-labelledby="engine-costs">
      <h2 id="engine-costs">{t("engines.costs")}</h2>
      <p>{t("engines.costs_about")}</p>
      <Scroll>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t("engines.day")}</th>
              <th scope="col" className={table.number}>
                {t("engines.asked")}
              </th>
              <th scope="col" className={table.number}>
                {t("engines.failed")}
              </th>
              <th scope="col" className={table.number}>
                {t("turn.sum.tokens")}
              </th>
              <th scope="col" className={table.number}>
                {t("turn.sum.cost")}
              </th>
            </tr>
          </thead>
          <tbody>
            {spent.map((one) => (
              <tr key={one.day}>
                <th scope="row">{one.day}</th>
                <td className={table.number}>{one.attempts.toLocaleString(locale)}</td>
                <td className={table.number}>{one.failed.toLocaleString(locale)}</td>
                <td className={table.number}>
                  {one.input.toLocaleString(locale)} + {one.output.toLocaleString(locale)}
                </td>
                <td className={table.number}>{money(one.costMicro, locale)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
