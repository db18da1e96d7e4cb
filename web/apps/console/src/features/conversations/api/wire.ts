import type { Status } from "@miaohui/protocol";
import { toMs } from "../../../shared/format/time";
import type { Conversation } from "../model/conversation";

/** A conversation as REST and the feed tell it. */
export interface WireConversation {
  readonly id: string;
  readonly inbox_id: string;
  readonly contact: { readonly id: string; readonly name: string };
  readonly status: Status;
  readonly assignee_id: string;
  readonly handoff_reason: string | null;
  readonly waiting_since: string | null;
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
    lastSeq: wire.last_seq,
    preview: wire.preview,
    createdAt: toMs(wire.created_at),
    updatedAt: toMs(wire.updated_at),
  };
}
