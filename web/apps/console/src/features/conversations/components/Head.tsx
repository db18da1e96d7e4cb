import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { useNow } from "../../../shared/format/clock";
import { duration } from "../../../shared/format/time";
import { urgency } from "../../../shared/format/waiting";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { freshId } from "../../../shared/ids";
import { useKeys } from "../../../shared/keys/keys";
import { useMyId } from "../../../shared/session/session";
import { IconButton } from "../../../shared/ui/IconButton";
import { type Act, act } from "../api/conversations";
import type { Conversation } from "../model/conversation";
import { learn } from "../model/lists";
import styles from "./Head.module.css";
import { useName } from "./useName";

interface Props {
  readonly conversation: Conversation;
  readonly inbox: string;
  readonly onBack: () => void;
}

/** Who it is, how it stands, and the three things one may do about it. */
export function Head({ conversation, inbox, onBack }: Props) {
  const t = useT();
  const nameOf = useName();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [busy, setBusy] = useState<Act | "">("");
  const myId = useMyId();
  const { status, assigneeId } = conversation;
  const mine = status === "open" && assigneeId === myId;

  const run = async (deed: Act) => {
    if (busy) return;
    setBusy(deed);
    try {
      learn(client, await act(conversation.id, deed, freshId()));
      if (deed === "resolve") offerUndo();
    } catch (error) {
      void message.error(plainWords(error));
    } finally {
      setBusy("");
    }
  };
  const offerUndo = () => {
    const key = `resolved-${conversation.id}`;
    const undo = () => {
      message.destroy(key);
      void run("take-over");
    };
    const content = (
      <>
        {t("thread.resolved")}{" "}
        <Button type="link" size="small" onClick={undo}>
          {t("action.undo")}
        </Button>
      </>
    );
    void message.success({ key, content, duration: 6 });
  };
  const mayTake = !mine;
  const mayHand = status === "open";
  const mayResolve = status !== "resolved";
  useKeys({
    ...(mayTake && { t: () => void run("take-over") }),
    ...(mayHand && { h: () => void run("hand-back") }),
    ...(mayResolve && { e: () => void run("resolve") }),
    Escape: onBack,
  });

  return (
    <header className={styles.head}>
      <span className={styles.back}>
        <IconButton icon={ArrowLeft} name={t("thread.back")} onClick={onBack} />
      </span>
      <div className={styles.who}>
        <h1>{nameOf(conversation)}</h1>
        <p>
          {inbox && <span>{inbox}</span>}
          <Standing conversation={conversation} mine={mine} />
        </p>
      </div>
      <div className={styles.acts}>
        {mayHand && (
          <Button onClick={() => void run("hand-back")} loading={busy === "hand-back"} aria-keyshortcuts="h">
            {t("act.hand_back")}
          </Button>
        )}
        {mayTake && (
          <Button
            type={status === "resolved" ? "default" : "primary"}
            onClick={() => void run("take-over")}
            loading={busy === "take-over"}
            aria-keyshortcuts="t"
          >
            {t(status === "resolved" ? "act.reopen" : "act.take_over")}
          </Button>
        )}
        {mayResolve && (
          <Button onClick={() => void run("resolve")} loading={busy === "resolve"} aria-keyshortcuts="e">
            {t("act.resolve")}
          </Button>
        )}
      </div>
    </header>
  );
}

function Standing({ conversation, mine }: { readonly conversation: Conversation; readonly mine: boolean }) {
  const t = useT();
  const now = useNow();
  const { status, waitingSince, assigneeId } = conversation;
  if (status === "open" && waitingSince > 0) {
    const waits = now - waitingSince;
    return <span className={styles[urgency(waits)]}>{t("thread.waiting", { time: duration(waits) })}</span>;
  }
  if (status === "open")
    return (
      <span className={styles.human}>
        {t(mine ? "thread.mine" : assigneeId ? "thread.colleague" : "view.open")}
      </span>
    );
  if (status === "pending") return <span className={styles.assistant}>{t("thread.assistant")}</span>;
  return <span>{t(status === "snoozed" ? "status.snoozed" : "status.resolved")}</span>;
}
