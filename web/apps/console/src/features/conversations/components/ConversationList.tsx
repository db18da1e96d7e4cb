import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Skeleton } from "antd";
import { useEffect, useRef } from "react";
import { useNow } from "../../../shared/format/clock";
import { useT } from "../../../shared/i18n/i18n";
import { useKeys } from "../../../shared/keys/keys";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import type { View } from "../model/conversation";
import { useConversations } from "../model/lists";
import styles from "./ConversationList.module.css";
import { Row } from "./Row";

const rowPx = 64;

interface Props {
  readonly view: View;
  readonly current: string;
}

export function ConversationList({ view, current }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const now = useNow();
  const list = useConversations(view);
  const { conversations, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: conversations.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    getItemKey: (n) => conversations[n]?.id ?? n,
    overscan: 6,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= conversations.length - 10) void fetchNextPage();
  }, [last, conversations.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const step = (by: number) => {
    if (conversations.length === 0) return;
    const at = conversations.findIndex((one) => one.id === current);
    const to =
      at < 0
        ? by > 0
          ? 0
          : conversations.length - 1
        : Math.min(Math.max(at + by, 0), conversations.length - 1);
    const next = conversations[to];
    if (!next) return;
    rows.scrollToIndex(to);
    void navigate({
      to: "/conversations/$conversationId",
      params: { conversationId: next.id },
      search: { status: view },
    });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });

  if (list.isPending)
    return <Skeleton className={styles.skeleton ?? ""} active title={false} paragraph={{ rows: 8 }} />;
  if (list.isError && conversations.length === 0) {
    return <Failure error={list.error} retry={() => void list.refetch()} />;
  }
  if (conversations.length === 0)
    return <Empty title={t(`list.empty.${view}`)} hint={t(`list.empty.${view}.hint`)} />;
  return (
    <section ref={box} className={styles.scroll} aria-label={t("list.label")} tabIndex={-1}>
      <ul className={styles.rows} style={{ blockSize: rows.getTotalSize() }}>
        {shown.map((item) => {
          const one = conversations[item.index];
          return (
            one && (
              <li key={item.key} className={styles.slot} style={{ transform: `translateY(${item.start}px)` }}>
                <Row conversation={one} view={view} current={one.id === current} now={now} />
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}
