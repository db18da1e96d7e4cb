import { useCallback, useEffect } from "react";
import { codeOf } from "../../../shared/http/problem";
import { freshId } from "../../../shared/ids";
import { welcomes as welcomed } from "../../../shared/realtime/line";
import { type Store, useStore } from "../../../shared/store";
import { say } from "../api/conversations";
import { sayTranslated } from "../api/translation";
import { goesAgain } from "./outbox";
import { apply, type Outgoing, type Thread } from "./thread";

/** Shown at once, sent behind it; a failure stays in place with what was typed, ready to be tried again. */
export function useSending(id: string, thread: Store<Thread>) {
  const attempt = useCallback(
    async (words: Outgoing) => {
      try {
        const { original } = words;
        await (original ? sayTranslated(id, { ...words, original }) : say(id, words));
        const ack = { t: "ack", cmid: words.cmid, msg: "", seq: 0 } as const;
        apply(thread, { t: "frame", frame: ack, now_ms: Date.now() });
      } catch (error) {
        apply(thread, { t: "gave_up", cmid: words.cmid, code: codeOf(error) });
      }
    },
    [id, thread],
  );
  const send = useCallback(
    (text: string, note: boolean, original = "") => {
      const cmid = freshId();
      const created_at = new Date().toISOString();
      const fresh: Outgoing = { cmid, text, note, state: "pending", code: "", created_at, turn: "" };
      const words: Outgoing = original ? { ...fresh, original } : fresh;
      apply(thread, { t: "queued", pending: words });
      void attempt(words);
    },
    [attempt, thread],
  );
  const retry = useCallback(
    (words: Outgoing) => {
      apply(thread, { t: "retried", cmid: words.cmid });
      void attempt(words);
    },
    [attempt, thread],
  );
  const welcomes = useStore(welcomed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time the line is back, and not when the thread moves
  useEffect(() => {
    for (const words of thread.get().state.pending as Outgoing[]) {
      if (goesAgain(words, Date.now())) retry(words);
    }
  }, [welcomes, thread]);
  const drop = useCallback((cmid: string) => apply(thread, { t: "dropped", cmid }), [thread]);
  return { send, retry, drop };
}
