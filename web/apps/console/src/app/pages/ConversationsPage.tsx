import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { ConversationList } from "../../features/conversations/components/ConversationList";
import { ThreadPane } from "../../features/conversations/components/ThreadPane";
import { Views } from "../../features/conversations/components/Views";
import { type View, views } from "../../features/conversations/model/conversation";
import { useInboxes } from "../../features/settings/model/inboxes";
import { useT } from "../../shared/i18n/i18n";
import { Empty } from "../../shared/ui/Empty";
import styles from "./ConversationsPage.module.css";

const TurnDrawer = lazy(async () => ({
  default: (await import("../../features/journal/components/TurnDrawer")).TurnDrawer,
}));
const PassageDrawer = lazy(async () => ({
  default: (await import("../../features/knowledge/components/PassageDrawer")).PassageDrawer,
}));

/** The list, the thread, and what stands behind an answer; everything that is open stands in the address. */
export function ConversationsPage() {
  const t = useT();
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/conversations" });
  const { conversationId = "" } = useParams({ strict: false });
  const view: View = views.find((one) => one === search.status) ?? "open";
  const inboxName = useInboxNames();
  const show = useCallback(
    (more: { turn?: string; passage?: string }) =>
      void navigate({
        to: conversationId ? "/conversations/$conversationId" : "/conversations",
        params: { conversationId },
        search: { status: view, ...more },
      }),
    [conversationId, navigate, view],
  );
  const back = useCallback(
    () => void navigate({ to: "/conversations", search: { status: view } }),
    [navigate, view],
  );
  const onPassage = useCallback((passage: string) => show({ passage }), [show]);
  const onWhy = useCallback((turn: string) => show({ turn }), [show]);
  const onClose = useCallback(() => show({}), [show]);

  return (
    <div className={styles.page} data-open={conversationId !== ""}>
      <div className={styles.list}>
        {!conversationId && <h1 className="visually-hidden">{t("nav.conversations")}</h1>}
        <Views view={view} />
        <ConversationList key={view} view={view} current={conversationId} />
      </div>
      <div className={styles.thread}>
        {conversationId ? (
          <ThreadPane
            id={conversationId}
            inboxName={inboxName}
            onPassage={onPassage}
            onWhy={onWhy}
            onBack={back}
          />
        ) : (
          <Empty title={t("thread.none")} hint={t("thread.none_hint")} />
        )}
      </div>
      <Suspense>
        {search.turn && <TurnDrawer turnId={search.turn} onClose={onClose} onPassage={onPassage} />}
        {search.passage && <PassageDrawer chunkId={search.passage} onClose={onClose} />}
      </Suspense>
    </div>
  );
}

function useInboxNames(): (id: string) => string {
  const { data } = useInboxes();
  return useCallback((id: string) => data?.find((one) => one.id === id)?.name ?? "", [data]);
}
