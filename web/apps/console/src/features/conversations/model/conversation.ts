import type { Status } from "@miaohui/protocol";

/** A conversation as the list shows it; times in milliseconds, 0 for none; "" where nothing is set. */
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

/** Told apart by the end of their id while they have no name. */
export function tailOf(conversation: Pick<Conversation, "contactId">): string {
  return conversation.contactId.slice(-4).toUpperCase();
}
