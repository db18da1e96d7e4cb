import type { Status } from "@miaohui/protocol";
import { toMs } from "../../../shared/format/time";
import type { Conversation, Priority } from "../model/conversation";

/** A conversation as REST and the feed tell it. */
export interface WireConversation {
  readonly id: string;
  readonly inbox_id: string;
  readonly contact: { readonly id: string; readonly name: string };
  readonly status: Status;
  readonly assignee_id: string;
  readonly handoff_reason: string | null;
  readonly waiting_since: string | null;
  readonly queued_at: string | null;
  readonly snoozed_until: string | null;
  readonly team_id: string;
  readonly priority: Priority;
  readonly labels: readonly string[];
  readonly last_seq: number;
  readonly preview: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export function readConversation(wire: WireConversation): Conversation {
  return {
    id: wire.id,
    inboxId: wire.inbox_id,
    contactId: wire.contact.id,
    contactName: wire.contact.name,
    status: wire.status,
    assigneeId: wire.assignee_id,
    handoffReason: wire.handoff_reason ?? "",
    waitingSince: toMs(wire.waiting_since),
    queuedAt: toMs(wire.queued_at),
    snoozedUntil: toMs(wire.snoozed_until),
    teamId: wire.team_id,
    priority: wire.priority,
    labels: wire.labels,
    lastSeq: wire.last_seq,
    preview: wire.preview,
    createdAt: toMs(wire.created_at),
    updatedAt: toMs(wire.updated_at),
  };
}
