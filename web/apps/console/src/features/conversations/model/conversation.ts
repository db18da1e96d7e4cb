import type { Status } from "@miaohui/protocol";

export type View = "open" | "pending" | "resolved";

export const views: readonly View[] = ["open", "pending", "resolved"];

/** A conversation as the list shows it; times in milliseconds, 0 for none. */
export interface Conversation {
  readonly id: string;
  readonly inboxId: string;
  readonly contactId: string;
  readonly contactName: string;
  readonly status: Status;
  readonly assigneeId: string;
  readonly handoffReason: string;
  readonly waitingSince: number;
  readonly lastSeq: number;
  readonly preview: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Whether the assistant answers here, and no person has to. */
export function isWithAssistant(conversation: Conversation): boolean {
  return conversation.status === "pending";
}

/** Who waits longest stands first where people wait; elsewhere what moved last. */
export function arrange(list: readonly Conversation[], view: View): Conversation[] {
  const newest = (a: Conversation, b: Conversation) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1);
  if (view !== "open") return [...list].sort(newest);
  const waits = (one: Conversation) => one.waitingSince || Number.POSITIVE_INFINITY;
  return [...list].sort((a, b) => (waits(a) === waits(b) ? newest(a, b) : waits(a) - waits(b)));
}

/** Told apart by the end of their id while they have no name. */
export function tailOf(conversation: Conversation): string {
  return conversation.contactId.slice(-4).toUpperCase();
}
