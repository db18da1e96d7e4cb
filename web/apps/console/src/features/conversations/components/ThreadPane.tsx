import { Skeleton } from "antd";
import { useEffect, useMemo } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { line } from "../../../shared/realtime/line";
import { useStore } from "../../../shared/store";
import { Failure } from "../../../shared/ui/Failure";
import { useConversation } from "../model/lists";
import { useSending } from "../model/sending";
import { follow, threadOf } from "../model/thread";
import { Composer } from "./Composer";
import { ContactPanel } from "./ContactPanel";
import { Head } from "./Head";
import { Messages } from "./Messages";
import styles from "./ThreadPane.module.css";
import { useName } from "./useName";

interface Props {
  readonly id: string;
  readonly inboxName: (id: string) => string;
  readonly onPassage: (chunkId: string) => void;
  readonly onWhy: (turnId: string) => void;
  readonly onBack: () => void;
}

export function ThreadPane({ id, inboxName, onPassage, onWhy, onBack }: Props) {
  const t = useT();
  const nameOf = useName();
  const store = useMemo(() => threadOf(id), [id]);
  const thread = useStore(store);
  const online = useStore(line.state) === "open";
  const conversation = useConversation(id);
  const { send, retry, drop } = useSending(id, store);
  useEffect(() => follow(id, store), [id, store]);
  const { seq } = thread.state;
  useEffect(() => {
    if (online && seq > 0 && document.visibilityState === "visible") line.send({ t: "seen", conv: id, seq });
  }, [id, seq, online]);

  if (conversation.isError)
    return <Failure error={conversation.error} retry={() => void conversation.refetch()} />;
  if (!conversation.data)
    return <Skeleton className={styles.skeleton ?? ""} active paragraph={{ rows: 6 }} />;
  const { data } = conversation;
  return (
    <div className={styles.pane}>
      <section className={styles.thread} aria-label={t("thread.label", { name: nameOf(data) })}>
        <Head conversation={data} inbox={inboxName(data.inboxId)} onBack={onBack} />
        <Messages store={store} id={id} onPassage={onPassage} onWhy={onWhy} onRetry={retry} onDrop={drop} />
        <Composer key={id} conversation={data} online={online} ready={thread.ready} onSend={send} />
      </section>
      <ContactPanel conversation={data} inbox={inboxName(data.inboxId)} />
    </div>
  );
}
