import { Button } from "antd";
import { useMemo, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import type { Day, Route } from "../api/engines";
import { money } from "../model/board";
import { costLine, dearest, spentBy, unpriced } from "../model/spending";
import { PriceForm } from "./PriceForm";
import styles from "./Prices.module.css";

const most = 30;

interface Props {
  readonly routes: readonly Route[];
  readonly days: readonly Day[];
}

/** What each route costs and may, what was spent on it, and the way to change its price. */
export function Prices({ routes, days }: Props) {
  const t = useT();
  const { locale } = useStore(prefs);
  const [open, setOpen] = useState<Route | null>(null);
  const spent = useMemo(() => spentBy(days), [days]);
  const first = dearest(days);
  const lacking = unpriced(routes, days);
  if (routes.length === 0) return <Empty title={t("prices.empty")} hint={t("prices.empty_hint")} />;
  const price = (micro: number) => (micro ? money(micro, locale) : "—");
  return (
    <>
      <p className={styles.about}>{t("prices.about")}</p>
      <section className={styles.card} aria-label={t("prices.chart")}>
        <p>
          {first
            ? t("prices.says", {
                total: money(first.total, locale),
                route: first.route,
                share: `${Math.round(first.share * 100)}%`,
              })
            : t("prices.says_none")}
        </p>
        {first && <Bars days={days} />}
        {lacking > 0 && <p className={styles.lacking}>{t("prices.unpriced", { count: lacking })}</p>}
      </section>
      <Scroll>
        <table className={table.table}>
          <caption className="visually-hidden">{t("prices.unit")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("engines.route")}</th>
              <th scope="col" className={table.number}>
                {t("prices.in")}
              </th>
              <th scope="col" className={table.number}>
                {t("prices.cached")}
              </th>
              <th scope="col" className={table.number}>
                {t("prices.out")}
              </th>
              <th scope="col">{t("prices.since")}</th>
              <th scope="col">{t("prices.quota")}</th>
              <th scope="col" className={table.number}>
                {t("prices.spent")}
              </th>
              <th scope="col" className={table.number}>
                {t("prices.per_turn")}
              </th>
              <th scope="col">
                <span className="visually-hidden">{t("prices.change")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {routes.map((one) => {
              const its = spent.get(one.name);
              const quota = (value: number) =>
                value ? value.toLocaleString(locale) : t("engines.unlimited");
              return (
                <tr key={one.name}>
                  <th scope="row">
                    {one.name}
                    <span className={styles.model}>{one.model}</span>
                  </th>
                  <td className={table.number}>{price(one.price_in)}</td>
                  <td className={table.number}>
                    {one.price_cached === null ? t("prices.as_in") : money(one.price_cached, locale)}
                  </td>
                  <td className={table.number}>{price(one.price_out)}</td>
                  <td>{one.price_version || "—"}</td>
                  <td>{t("prices.quota_of", { rpm: quota(one.rpm), tpm: quota(one.tpm) })}</td>
                  <td className={table.number}>{its ? money(its.costMicro, locale) : "—"}</td>
                  <td className={table.number}>
                    {its && its.attempts > 0 ? money(its.costMicro / its.attempts, locale) : "—"}
                  </td>
                  <td>
                    {one.origin === "own" ? (
                      <Button
                        size="small"
                        aria-label={t("prices.change_of", { name: one.name })}
                        onClick={() => setOpen(one)}
                      >
                        {t("prices.change")}
                      </Button>
                    ) : (
                      <span className={styles.model}>{t("prices.shared")}</span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      {open && <PriceForm key={open.name} route={open} onClose={() => setOpen(null)} />}
    </>
  );
}

/** A bar for each day, from zero to the dearest; the first and the last are named. */
function Bars({ days }: { readonly days: readonly Day[] }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const line = useMemo(() => costLine(days, new Date().toISOString().slice(0, 10), most), [days]);
  const top = Math.max(...line.map(([, cost]) => cost));
  return (
    <figure className={styles.bars} aria-label={t("prices.chart")}>
      <ol>
        {line.map(([day, cost]) => (
          <li key={day} title={`${day} · ${money(cost, locale)}`}>
            <i style={{ blockSize: `${(cost / top) * 100}%` }} />
            <span className="visually-hidden">
              {day}: {money(cost, locale)}
            </span>
          </li>
        ))}
      </ol>
      <figcaption>
        <span>{line[0]?.[0]}</span>
        <span>{money(top, locale)}</span>
        <span>{line.at(-1)?.[0]}</span>
      </figcaption>
    </figure>
  );
}
