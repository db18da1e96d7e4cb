import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Skeleton } from "antd";
import { useEffect, useMemo, useRef } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { useKeys } from "../../../shared/keys/keys";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { drafted } from "../model/drafts";
import { useListing } from "../model/lists";
import { isUnread, looked } from "../model/looked";
import { type Filter, isNarrowed, narrowings } from "../model/views";
import styles from "./ConversationList.module.css";
import { Row } from "./Row";

const rowPx = 64;
const aheadRows = 60;

interface Props {
  readonly filter: Filter;
  readonly current: string;
}

/** Only what is seen is drawn, however long it is; more is read before its end comes into sight. */
export function ConversationList({ filter, current }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const { rows, cursor, ready, error, more, retry } = useListing(filter);
  const seen = useStore(looked);
  const drafts = useStore(drafted);
  const search = useMemo(() => searchOf(filter), [filter]);
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    getItemKey: (n) => rows[n]?.id ?? n,
    overscan: 6,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (cursor && last >= rows.length - aheadRows) more();
  }, [cursor, last, rows.length, more]);

  const step = (by: number) => {
    const at = rows.findIndex((one) => one.id === current);
    const from = at < 0 && by < 0 ? rows.length : at;
    const to = Math.min(Math.max(from + by, 0), rows.length - 1);
    const next = rows[to];
    if (!next) return;
    virtual.scrollToIndex(to);
    void navigate({ to: "/conversations/$conversationId", params: { conversationId: next.id }, search });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });

  if (!ready && error) return <Failure error={error} retry={retry} />;
  if (!ready)
    return <Skeleton className={styles.skeleton ?? ""} active title={false} paragraph={{ rows: 8 }} />;
  if (rows.length === 0) {
    return isNarrowed(filter) ? (
      <Empty title={t("list.empty.narrowed")} hint={t("list.empty.narrowed.hint")} />
    ) : (
      <Empty title={t(`list.empty.${filter.view}`)} hint={t(`list.empty.${filter.view}.hint`)} />
    );
  }
  return (
    <section ref={box} className={styles.scroll} aria-label={t("list.label")} tabIndex={-1}>
      <ul className={styles.rows} style={{ blockSize: virtual.getTotalSize() }}>
        {shown.map((item) => {
          const one = rows[item.index];
          return (
            one && (
              <li key={item.key} className={styles.slot} style={{ transform: `translateY(${item.start}px)` }}>
                <Row
                  conversation={one}
                  current={one.id === current}
                  unread={isUnread(one, seen)}
                  drafted={one.id !== current && drafts.has(one.id)}
                  search={search}
                />
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}

/** The filter as it stands in the address. */
export function searchOf(filter: Filter): Record<string, string | undefined> {
  const asked = narrowings.flatMap((one) => (filter[one] ? [[one, filter[one]] as const] : []));
  return { status: filter.view, ...Object.fromEntries(asked) };
}
