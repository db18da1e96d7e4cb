import { seeMentions } from "../api/desk";

const unseen = new Set<string>();

/** Somebody named me in a note of this conversation. */
export function mentioned(conversationId: string): void {
  unseen.add(conversationId);
}

/** The notes of this conversation were looked at; told once for each time that I was named. */
export function mentionsSeen(conversationId: string): void {
  if (unseen.delete(conversationId)) void seeMentions(conversationId).catch(() => mentioned(conversationId));
}
