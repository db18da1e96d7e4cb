import { App, Button } from "antd";
import { useCallback, useMemo, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { freshId } from "../../../shared/ids";
import * as api from "../api/conversations";
import { type Conversation, isQueued } from "./conversation";
import { learn } from "./lists";

export interface Acts {
  /** What is on its way, or "". */
  readonly busy: string;
  /** Mine from here on: out of the queue, from the assistant, or opened again. */
  readonly take: () => void;
  readonly handBack: () => void;
  readonly resolve: () => void;
  /** Any of the deeds that say more than their name: to whom, until when, how urgent. */
  readonly run: (name: string, deed: Deed) => void;
}

export type Deed = (id: string, key: string) => Promise<Conversation>;

/** What one may do with a conversation. Each is shown as soon as the server has done it; who is late learns who won. */
export function useActs(conversation: Conversation | undefined): Acts {
  const t = useT();
  const { message } = App.useApp();
  const [busy, setBusy] = useState("");
  const run = useCallback(
    async (name: string, deed: Deed): Promise<boolean> => {
      if (!conversation) return false;
      setBusy(name);
      try {
        learn(await deed(conversation.id, freshId()));
        return true;
      } catch (error) {
        void message.error(plainWords(error));
        void api.getConversation(conversation.id).then(learn, () => undefined);
        return false;
      } finally {
        setBusy("");
      }
    },
    [conversation, message],
  );
  return useMemo(() => {
    const offerUndo = (words: string) => {
      const key = `undo-${conversation?.id}`;
      const undo = () => {
        message.destroy(key);
        void run("take", api.takeOver);
      };
      const content = (
        <>
          {words}{" "}
          <Button type="link" size="small" onClick={undo}>
            {t("action.undo")}
          </Button>
        </>
      );
      void message.success({ key, content, duration: 6 });
    };
    const undoable = async (words: string, done: Promise<boolean>) => {
      if (await done) offerUndo(words);
    };
    return {
      busy,
      take: () => void run("take", conversation && isQueued(conversation) ? api.claim : api.takeOver),
      handBack: () => void run("hand-back", api.handBack),
      resolve: () => void undoable(t("thread.resolved"), run("resolve", api.resolve)),
      run: (name, deed) => void run(name, deed),
    };
  }, [busy, conversation, message, run, t]);
}
