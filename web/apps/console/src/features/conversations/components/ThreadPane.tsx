import { useQueryClient } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { useKeys } from "../../../shared/keys/keys";
import { useAgentName } from "../../../shared/people/agents";
import { line, lineState } from "../../../shared/realtime/line";
import { useMyId } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Failure } from "../../../shared/ui/Failure";
import type { Conversation } from "../model/conversation";
import { useConversation } from "../model/lists";
import { look } from "../model/looked";
import { mentionsSeen, useMentions } from "../model/mentions";
import { useSending } from "../model/sending";
import { follow, threadOf } from "../model/thread";
import { useActs } from "../model/useActs";
import { Composer } from "./Composer";
import { type HandlingKey, handlingKeys } from "./Handling";
import { Head } from "./Head";
import { Messages } from "./Messages";
import { SidePanel } from "./SidePanel";
import styles from "./ThreadPane.module.css";
import { useName } from "./useName";

interface Props {
  readonly id: string;
  readonly inboxOf: (id: string) => { readonly name: string; readonly channel: string } | undefined;
  readonly panel: boolean;
  readonly onPanel: (open: boolean) => void;
  readonly onPassage: (chunkId: string) => void;
  readonly onWhy: (turnId: string) => void;
  readonly onBack: () => void;
  /** What other parts of the house know of this conversation; it stands in the side panel. */
  readonly around: (conversation: Conversation) => ReactNode;
}

export function ThreadPane({ id, inboxOf, panel, onPanel, onPassage, onWhy, onBack, around }: Props) {
  const t = useT();
  const nameOf = useName();
  const myId = useMyId();
  const store = useMemo(() => threadOf(id), [id]);
  const thread = useStore(store);
  const online = useStore(lineState) === "open";
  const conversation = useConversation(id);
  const acts = useActs(conversation.data);
  const agentName = useAgentName();
  const [asked, setAsked] = useState<HandlingKey | "">("");
  const ask = (key: HandlingKey) => {
    onPanel(true);
    setAsked(key);
  };
  useKeys(Object.fromEntries(handlingKeys.map((key) => [key, () => ask(key)])));
  const { send, retry, drop } = useSending(id, store);
  useEffect(() => follow(id, store), [id, store]);
  useSeen(id, thread.state.seq, online);

  if (!conversation.data && conversation.isError)
    return <Failure error={conversation.error} retry={() => void conversation.refetch()} />;
  if (!conversation.data)
    return <Skeleton className={styles.skeleton ?? ""} active paragraph={{ rows: 6 }} />;
  const { data } = conversation;
  const { name: inbox = "", channel = "" } = inboxOf(data.inboxId) ?? {};
  const taken = data.status === "open" && data.assigneeId && data.assigneeId !== myId;
  const holder = agentName(data.assigneeId) || t("list.taken");
  const warning = taken ? t("composer.taken", { name: holder }) : "";
  return (
    <div className={styles.pane} data-panel={panel}>
      <section className={styles.thread} aria-label={t("thread.label", { name: nameOf(data) })}>
        <Head
          conversation={data}
          inbox={inbox}
          acts={acts}
          panel={panel}
          onPanel={() => onPanel(!panel)}
          onBack={onBack}
        />
        <Messages
          id={id}
          outside={channel !== "" && channel !== "web" && channel !== "api"}
          store={store}
          onPassage={onPassage}
          onWhy={onWhy}
          onRetry={retry}
          onDrop={drop}
        />
        <Composer
          key={id}
          conversation={data}
          online={online}
          ready={thread.ready}
          warning={warning}
          onSend={send}
        />
      </section>
      {panel && (
        <SidePanel
          conversation={data}
          inbox={inbox}
          acts={acts}
          asked={asked}
          onAsked={setAsked}
          onClose={() => onPanel(false)}
        >
          {around(data)}
        </SidePanel>
      )}
    </div>
  );
}

/** What is shown while the page is looked at counts as seen, here and for the visitor. */
function useSeen(id: string, seq: number, online: boolean): void {
  const client = useQueryClient();
  const mentions = useMentions();
  // biome-ignore lint/correctness/useExhaustiveDependencies: who named me may be known only after this is shown
  useEffect(() => {
    const tell = () => {
      if (seq === 0 || document.visibilityState !== "visible") return;
      look(id, seq);
      void mentionsSeen(id).then((told) => {
        if (told) void client.invalidateQueries({ queryKey: ["mentions"] });
      });
      if (online) line.send({ t: "seen", conv: id, seq });
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [client, id, seq, online, mentions]);
}
