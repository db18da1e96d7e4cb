import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Rows } from "../../../shared/ui/Rows";
import { listAudit } from "../api/settings";
import styles from "./Settings.module.css";

/** Who changed what, the last first. */
export function Audit() {
  const t = useT();
  const { locale } = useStore(prefs);
  const list = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => listAudit(pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
    staleTime: 0,
  });
  if (list.isPending) return <Skeleton active />;
  if (list.isError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const acts = list.data.pages.flatMap((page) => page.data);
  if (acts.length === 0) return <Empty title={t("audit.empty")} hint={t("audit.empty_hint")} />;
  return (
    <>
      <Rows>
        {acts.map((one) => {
          const word = `audit.${one.act}`;
          return (
            <li key={one.id} className={`${styles.card} ${styles.act}`}>
              <time dateTime={one.at}>{dayAndTime(toMs(one.at), locale)}</time>
              <strong>{hasWord(word) ? t(word) : one.act}</strong>
              <span className={styles.about}>{String(one.detail.name ?? one.subject)}</span>
              <span className={styles.about}>{one.actor_name}</span>
            </li>
          );
        })}
      </Rows>
      {list.hasNextPage && (
        <p>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </p>
      )}
    </>
  );
}
