import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { line } from "../../../shared/realtime/line";
import { listMentions, type Mention, seeMentions } from "../api/desk";

const unseen = new Set<string>();
const key = ["mentions"];

/** Somebody named me in a note of this conversation. */
export function mentioned(conversationId: string): void {
  unseen.add(conversationId);
}

/** The notes of this conversation were looked at; told once for each time that I was named. */
export async function mentionsSeen(conversationId: string): Promise<boolean> {
  if (!unseen.delete(conversationId)) return false;
  try {
    await seeMentions(conversationId);
    return true;
  } catch {
    mentioned(conversationId);
    return false;
  }
}

/** The notes that name me, those of the time before this page was opened too. */
export function useMentions() {
  const client = useQueryClient();
  const list = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const found = await listMentions(signal);
      for (const one of found) if (!one.seen) mentioned(one.conversation_id);
      return found;
    },
  });
  useEffect(
    () =>
      line.onFeed((frame) => {
        if (frame.t === "mention.created") void client.invalidateQueries({ queryKey: key });
      }),
    [client],
  );
  return list.data ?? [];
}

/** Conversations in which somebody named me, the last first, each once, with how it was last. */
export function byConversation(mentions: readonly Mention[]): readonly Mention[] {
  const known = new Map<string, Mention>();
  for (const one of mentions) {
    const before = known.get(one.conversation_id);
    if (!before) known.set(one.conversation_id, one);
    else if (!one.seen) known.set(one.conversation_id, { ...before, seen: false });
  }
  return [...known.values()];
}
