import type { Conversation as WireConversation } from "@miaohui/client";
import { toMs } from "../../../shared/format/time";
import type { Conversation } from "../model/conversation";

export type { WireConversation };

/** A conversation as REST and the feed tell it, in the words of this page. */
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
