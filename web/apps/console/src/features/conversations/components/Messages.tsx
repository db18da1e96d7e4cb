import type { Message } from "@miaohui/client";
import { Button, Skeleton } from "antd";
import { ArrowDown } from "lucide-react";
import { Fragment, useMemo, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { type Store, useStore } from "../../../shared/store";
import { listMessages } from "../api/conversations";
import { addOlder, all, awaitsAnswer, follows, type Outgoing, type Thread } from "../model/thread";
import { Bubble } from "./Bubble";
import styles from "./Messages.module.css";
import { OutgoingBubble } from "./OutgoingBubble";
import { SeenByVisitor } from "./SeenByVisitor";
import { Fares, useSendings } from "./Sendings";
import { StreamBubble } from "./StreamBubble";
import { Translating } from "./Translated";
import { useStickToEnd } from "./useStickToEnd";

interface Props {
  readonly id: string;
  /** They read what we say somewhere else than at ours: it has to be carried there. */
  readonly outside: boolean;
  readonly store: Store<Thread>;
  readonly onPassage: (chunkId: string) => void;
  readonly onWhy: (turnId: string) => void;
  readonly onRetry: (words: Outgoing) => void;
  readonly onDrop: (cmid: string) => void;
}

export function Messages({ id, outside, store, onPassage, onWhy, onRetry, onDrop }: Props) {
  const t = useT();
  const thread = useStore(store);
  const { locale } = useStore(prefs);
  const messages = useMemo(() => all(thread), [thread]);
  const streams = Object.values(thread.state.streams).filter((one) => one.text && !one.broken);
  const sendings = useSendings(id, outside, messages.at(-1)?.seq ?? 0);
  const thinking = streams.length === 0 && awaitsAnswer(thread, Date.now());
  const end = useStickToEnd(
    id,
    messages.length + thread.state.pending.length + streams.reduce((sum, one) => sum + one.i, 0),
  );

  if (!thread.ready && messages.length === 0) {
    return <Skeleton className={styles.skeleton ?? ""} active paragraph={{ rows: 6 }} />;
  }
  return (
    <div className={styles.frame}>
      <section
        ref={end.box}
        className={styles.scroll}
        onScroll={end.onScroll}
        aria-label={t("thread.messages")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it too
        tabIndex={0}
      >
        <Translating id={id} messages={messages} />
        <Older id={id} store={store} first={messages[0]?.seq ?? 1} />
        <div role="log" aria-live="polite" className={styles.log}>
          {messages.map((message, n) => (
            <Fragment key={message.id}>
              <Day message={message} previous={messages[n - 1]} locale={locale} />
              <Bubble
                message={message}
                follows={follows(message, messages[n - 1])}
                onPassage={onPassage}
                onWhy={onWhy}
              />
              <Fares sending={sendings.get(message.seq)} />
            </Fragment>
          ))}
          <SeenByVisitor id={id} messages={messages} />
          {streams.map((stream) => (
            <StreamBubble key={stream.id} text={stream.text} />
          ))}
          {thinking && <StreamBubble text="" />}
          {(thread.state.pending as Outgoing[]).map((words) => (
            <OutgoingBubble key={words.cmid} words={words} onRetry={onRetry} onDrop={onDrop} />
          ))}
          {thread.state.typing && <p className={styles.typing}>{t("thread.typing")}</p>}
        </div>
      </section>
      {!end.atEnd && (
        <button type="button" className={styles.down} onClick={end.toEnd}>
          <ArrowDown size={14} strokeWidth={1.5} aria-hidden="true" />
          {t("thread.newest")}
        </button>
      )}
    </div>
  );
}

function Day(props: {
  readonly message: Message;
  readonly previous: Message | undefined;
  readonly locale: string;
}) {
  const day = (message: Message) =>
    new Date(message.created_at).toLocaleDateString(props.locale, { dateStyle: "medium" });
  const today = day(props.message);
  if (props.previous && day(props.previous) === today) return null;
  return <p className={styles.day}>{today}</p>;
}

function Older({
  id,
  store,
  first,
}: {
  readonly id: string;
  readonly store: Store<Thread>;
  readonly first: number;
}) {
  const t = useT();
  const [state, setState] = useState<"idle" | "busy" | string>("idle");
  if (first <= 1) return null;
  const load = async () => {
    setState("busy");
    try {
      addOlder(store, await listMessages(id, first));
      setState("idle");
    } catch (error) {
      setState(plainWords(error));
    }
  };
  return (
    <p className={styles.older}>
      <Button size="small" loading={state === "busy"} onClick={() => void load()}>
        {t("thread.older")}
      </Button>
      {state !== "idle" && state !== "busy" && <span role="alert">{state}</span>}
    </p>
  );
}
