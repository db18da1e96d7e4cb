import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Recollections } from "../../features/contacts/components/Recollections";
import { ConversationList, searchOf } from "../../features/conversations/components/ConversationList";
import { Presence } from "../../features/conversations/components/Presence";
import { ThreadPane } from "../../features/conversations/components/ThreadPane";
import { Views } from "../../features/conversations/components/Views";
import { answerOf } from "../../features/conversations/model/thread";
import { type Filter, readPriority, readView } from "../../features/conversations/model/views";
import { useInboxes } from "../../features/settings/model/inboxes";
import { ConversationTickets } from "../../features/tickets/components/ConversationTickets";
import { useT } from "../../shared/i18n/i18n";
import { prefs, setPrefs } from "../../shared/prefs/prefs";
import { Empty } from "../../shared/ui/Empty";
import styles from "./ConversationsPage.module.css";

const AgentActions = lazy(async () => ({
  default: (await import("../../features/assistants/components/AgentActions")).AgentActions,
}));
const TurnDrawer = lazy(async () => ({
  default: (await import("../../features/journal/components/TurnDrawer")).TurnDrawer,
}));
const PassageDrawer = lazy(async () => ({
  default: (await import("../../features/knowledge/components/PassageDrawer")).PassageDrawer,
}));

const panelFits = "(min-width: 1181px)";

/** The list, the thread, and what stands around it; everything that is open stands in the address. */
export function ConversationsPage() {
  const t = useT();
  const navigate = useNavigate();
  const { status, turn, passage, inbox, team, assignee, label, priority, vip } = useSearch({
    from: "/shell/conversations",
  });
  const { conversationId = "" } = useParams({ strict: false });
  const [panel, setPanel] = useState(() => matchMedia(panelFits).matches && prefs.get().panel !== false);
  const onPanel = useCallback((open: boolean) => {
    setPanel(open);
    if (matchMedia(panelFits).matches) setPrefs({ panel: open });
  }, []);
  const filter: Filter = useMemo(
    () => ({
      view: readView(status),
      inbox,
      team,
      assignee,
      label,
      priority: readPriority(priority),
      vip: vip ? "yes" : undefined,
    }),
    [status, inbox, team, assignee, label, priority, vip],
  );
  const { data: inboxes } = useInboxes();
  useEffect(() => {
    document.title = `${t("nav.conversations")} · ${t("app.name")}`;
  }, [t]);
  const inboxOf = useCallback((id: string) => inboxes?.find((one) => one.id === id), [inboxes]);
  const show = useCallback(
    (more: { turn?: string; passage?: string }) =>
      void navigate({
        to: conversationId ? "/conversations/$conversationId" : "/conversations",
        params: { conversationId },
        search: { ...searchOf(filter), ...more },
      }),
    [conversationId, navigate, filter],
  );
  const back = useCallback(
    () => void navigate({ to: "/conversations", search: searchOf(filter) }),
    [navigate, filter],
  );
  const onPassage = useCallback((chunk: string) => show({ passage: chunk }), [show]);
  const onWhy = useCallback((id: string) => show({ turn: id }), [show]);
  const onClose = useCallback(() => show({}), [show]);

  return (
    <div className={styles.page} data-open={conversationId !== ""}>
      <div className={styles.list}>
        {!conversationId && <h1 className="visually-hidden">{t("nav.conversations")}</h1>}
        <Presence />
        <Views filter={filter} inboxes={inboxes ?? []} />
        <ConversationList filter={filter} current={conversationId} />
      </div>
      <div className={styles.thread}>
        {conversationId ? (
          <ThreadPane
            id={conversationId}
            inboxOf={inboxOf}
            panel={panel}
            onPanel={onPanel}
            onPassage={onPassage}
            onWhy={onWhy}
            onBack={back}
            around={({ id, contactId }) => (
              <>
                <ConversationTickets conversationId={id} />
                <Suspense>
                  <AgentActions key={id} conversationId={id} />
                </Suspense>
                <Recollections contactId={contactId} />
                <Link to="/contacts/$contactId" params={{ contactId }} className={styles.contact ?? ""}>
                  {t("contacts.to_page")}
                </Link>
              </>
            )}
          />
        ) : (
          <Empty title={t("thread.none")} hint={t("thread.none_hint")} />
        )}
      </div>
      <Suspense>
        {turn && (
          <TurnDrawer
            turnId={turn}
            messageId={answerOf(conversationId, turn)}
            onClose={onClose}
            onPassage={onPassage}
          />
        )}
        {passage && <PassageDrawer chunkId={passage} onClose={onClose} />}
      </Suspense>
    </div>
  );
}
