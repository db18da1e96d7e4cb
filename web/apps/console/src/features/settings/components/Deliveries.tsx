import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { fullStamp, toMs } from "../../../shared/format/time";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import { type Attempt, listAttempts } from "../api/webhooks";
import { arrived } from "../model/webhooks";
import detail from "./Detail.module.css";

/** The delivery log: each attempt, the last first. */
export function Deliveries({ id }: { readonly id: string }) {
  const t = useT();
  const log = useInfiniteQuery({
    queryKey: ["webhooks", id, "deliveries"],
    queryFn: ({ pageParam, signal }) => listAttempts(id, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
    staleTime: 0,
  });
  if (log.isPending) return <Skeleton active />;
  if (log.isError) return <Failure error={log.error} retry={() => void log.refetch()} />;
  const attempts = log.data.pages.flatMap((page) => page.data);
  return (
    <section className={detail.block} aria-labelledby="deliveries">
      <h3 id="deliveries">{t("deliveries.title")}</h3>
      {attempts.length === 0 ? (
        <Empty title={t("deliveries.empty")} hint={t("deliveries.empty_hint")} />
      ) : (
        <Scroll>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">{t("deliveries.at")}</th>
                <th scope="col">{t("deliveries.event")}</th>
                <th scope="col">{t("deliveries.attempt")}</th>
                <th scope="col">{t("deliveries.came")}</th>
                <th scope="col">{t("deliveries.took")}</th>
              </tr>
            </thead>
            <tbody>
              {attempts.map((one) => (
                <Row key={one.id} attempt={one} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {log.hasNextPage && (
        <p>
          <Button loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </p>
      )}
    </section>
  );
}

function Row({ attempt }: { readonly attempt: Attempt }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const outcome = `deliveries.${attempt.outcome}`;
  return (
    <tr>
      <td>
        <time dateTime={attempt.at}>{fullStamp(toMs(attempt.at), locale)}</time>
      </td>
      <td title={attempt.event_id}>
        <code>{attempt.type}</code>
      </td>
      <td>{attempt.attempt}</td>
      <td>
        <Chip tone={arrived(attempt) ? "jade" : "red"}>
          {hasWord(outcome) ? t(outcome) : attempt.outcome}
        </Chip>{" "}
        {attempt.status > 0 ? attempt.status : attempt.error}
      </td>
      <td>{t("deliveries.ms", { ms: attempt.took_ms })}</td>
    </tr>
  );
}
