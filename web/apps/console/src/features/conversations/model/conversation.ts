import type { Status } from "@miaohui/client";

export const priorities = ["urgent", "high", "medium", "low", ""] as const;
export type Priority = (typeof priorities)[number];

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
  /** When it came to the humans; its place in the queue goes by that. */
  readonly queuedAt: number;
  readonly snoozedUntil: number;
  /** The team that it is for; "" is for everybody. */
  readonly teamId: string;
  readonly priority: Priority;
  readonly labels: readonly string[];
  readonly lastSeq: number;
  readonly preview: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Whether the assistant answers here, and no person has to. */
export function isWithAssistant(conversation: Conversation): boolean {
  return conversation.status === "pending";
}

/** Whether it stands in the queue: for people, and nobody has it. */
export function isQueued(conversation: Pick<Conversation, "status" | "assigneeId">): boolean {
  return conversation.status === "open" && !conversation.assigneeId;
}

/** Told apart by the end of their id while they have no name. */
export function tailOf(conversation: Pick<Conversation, "contactId">): string {
  return conversation.contactId.slice(-4).toUpperCase();
}
