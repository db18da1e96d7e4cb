import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import type { Attempt } from "../api/turns";
import { money } from "../model/attempts";
import { took } from "../model/turn";
import styles from "./TurnDrawer.module.css";

/** Every try at an engine: how it ended, how long it took, what it cost. */
export function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  const t = useT();
  if (attempts.length === 0) return null;
  return (
    <section aria-labelledby="attempts">
      <h2 id="attempts" className={styles.heading}>
        {t("turn.attempts")}
      </h2>
      <Scroll>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t("turn.sum.route")}</th>
              <th scope="col">{t("turn.attempt.outcome")}</th>
              <th scope="col">{t("turn.sum.first")}</th>
              <th scope="col">{t("turn.attempt.took")}</th>
              <th scope="col">{t("turn.sum.tokens")}</th>
              <th scope="col">{t("turn.sum.cost")}</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((one) => {
              const word = `turn.attempt.${one.outcome}`;
              return (
                <tr key={one.number}>
                  <th scope="row">{one.route}</th>
                  <td>
                    {hasWord(word) ? t(word) : one.outcome}
                    {one.failure && ` · ${[one.failure, one.code].filter(Boolean).join(" ")}`}
                  </td>
                  <td>{one.first_content_ms === null ? "–" : took(one.first_content_ms)}</td>
                  <td>{took(one.took_ms)}</td>
                  <td>
                    {one.input_tokens} + {one.output_tokens}
                    {one.estimated && " ≈"}
                  </td>
                  <td>{money(one.cost_micro)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
