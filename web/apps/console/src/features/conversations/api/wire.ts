import type { Status } from "@miaohui/protocol";
import { toMs } from "../../../shared/format/time";
import type { Conversation } from "../model/conversation";

type Time = string | number | null;

export interface WireConversation {
  readonly id: string;
  readonly inbox_id: string;
  readonly contact_id?: string;
  readonly contact_name?: string;
  readonly contact?: { readonly id: string; readonly name?: string };
  readonly status: Status;
  readonly assignee_id?: string | null;
  readonly handoff_reason?: string | null;
  readonly waiting_since?: Time;
  readonly waiting_since_ms?: number;
  readonly last_seq?: number;
  readonly preview?: string;
  readonly created_at?: Time;
  readonly created_at_ms?: number;
  readonly updated_at?: Time;
  readonly updated_at_ms?: number;
}

export function readConversation(wire: WireConversation): Conversation {
  return {
    id: wire.id,
    inboxId: wire.inbox_id,
    contactId: wire.contact?.id ?? wire.contact_id ?? "",
    contactName: wire.contact?.name ?? wire.contact_name ?? "",
    status: wire.status,
    assigneeId: wire.assignee_id ?? "",
    handoffReason: wire.handoff_reason ?? "",
    waitingSince: toMs(wire.waiting_since ?? wire.waiting_since_ms),
    lastSeq: wire.last_seq ?? 0,
    preview: wire.preview ?? "",
    createdAt: toMs(wire.created_at ?? wire.created_at_ms),
    updatedAt: toMs(wire.updated_at ?? wire.updated_at_ms),
  };
}
