import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import { type Line, money, points } from "../model/board";
import styles from "./Engines.module.css";

interface Props {
  readonly lines: readonly Line[];
  readonly traces: ReadonlyMap<string, readonly number[]>;
  readonly onRoute: (name: string) => void;
}

export function Board({ lines, traces, onRoute }: Props) {
  const t = useT();
  return (
    <Scroll>
      <table className={`${table.table} ${styles.board}`}>
        <caption className="visually-hidden">{t("engines.board")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("engines.route")}</th>
            <th scope="col">{t("engines.state")}</th>
            <th scope="col">{t("engines.left_requests")}</th>
            <th scope="col">{t("engines.left_tokens")}</th>
            <th scope="col">{t("engines.first")}</th>
            <th scope="col" className={table.number}>
              429
            </th>
            <th scope="col" className={table.number}>
              {t("engines.today")}
            </th>
            <th scope="col">{t("engines.keys")}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row
              key={line.route.name}
              line={line}
              trace={traces.get(line.route.name) ?? []}
              onRoute={onRoute}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row({
  line,
  trace,
  onRoute,
}: {
  readonly line: Line;
  readonly trace: readonly number[];
} & Pick<Props, "onRoute">) {
  const t = useT();
  const { locale } = useStore(prefs);
  const { route } = line;
  return (
    <tr>
      <th scope="row">
        <button type="button" className={styles.name} onClick={() => onRoute(route.name)}>
          {route.name}
        </button>
        <span className={styles.about}>
          {t(`engines.tier.${route.tier}`)} · {t("engines.weight", { weight: route.weight })}
          {route.model && ` · ${route.model}`}
        </span>
      </th>
      <td>
        <span className={styles.state} data-state={line.state}>
          {t(`engines.state.${line.state}`)}
        </span>
        {line.inFlight > 0 && (
          <span className={styles.about}>{t("engines.in_flight", { count: line.inFlight })}</span>
        )}
      </td>
      <td>
        <Left share={line.requests} label={t("engines.left_requests")} />
      </td>
      <td>
        <Left share={line.tokens} label={t("engines.left_tokens")} />
      </td>
      <td>
        {line.p50 === null ? (
          "—"
        ) : (
          <span className={styles.first}>
            <span>
              {Math.round(line.p50)} / {Math.round(line.p95 ?? line.p50)} ms
            </span>
            {trace.length > 1 && (
              <svg width="64" height="20" aria-hidden="true">
                <polyline points={points(trace, 64, 18)} transform="translate(0 1)" />
              </svg>
            )}
          </span>
        )}
      </td>
      <td className={table.number}>{line.throttled ?? "—"}</td>
      <td className={table.number}>
        {money(line.costMicro, locale)}
        <span className={styles.about}>{t("engines.attempts", { count: line.attempts })}</span>
      </td>
      <td>
        {route.keys.map((one) => (
          <code key={one.id} className={styles.key}>
            {one.hint ? `···· ${one.hint}` : one.id}
          </code>
        ))}
      </td>
    </tr>
  );
}

/** What is left of this minute, as a bar and as a figure. */
function Left({ share, label }: { readonly share: number | null; readonly label: string }) {
  const t = useT();
  if (share === null) return <span className={styles.about}>{t("engines.unlimited")}</span>;
  const percent = Math.round(share * 100);
  return (
    <span className={styles.left}>
      <meter aria-label={label} min={0} max={100} low={20} optimum={100} value={percent} />
      {percent}%
    </span>
  );
}
