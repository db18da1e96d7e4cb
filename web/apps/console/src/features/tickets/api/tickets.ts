import { query, request } from "../../../shared/http/request";

export const statuses = ["open", "in_progress", "waiting", "done"] as const;
export type Status = (typeof statuses)[number];
export const priorities = ["urgent", "high", "medium", "low"] as const;
export type Priority = (typeof priorities)[number];

/** The kinds that tickets are put into by themselves; a company may name others. */
export const categories = [
  "complaint",
  "refund",
  "delivery",
  "payment",
  "account",
  "product",
  "other",
] as const;

export interface Ticket {
  readonly id: string;
  readonly number: number;
  readonly subject: string;
  readonly description: string;
  readonly status: Status;
  readonly priority: Priority;
  readonly category: string;
  readonly conversation_id: string;
  readonly assignee_id: string;
  readonly team_id: string;
  /** Null while it waits for somebody outside: its clock stands still. */
  readonly due_at: string | null;
  readonly overdue: boolean;
  readonly follow_up_at: string | null;
  readonly follow_up_text: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
}

export interface TicketEvent {
  readonly id: string;
  readonly at: string;
  readonly actor_name: string;
  readonly kind: string;
  readonly detail: string;
}

export interface TicketDetail extends Ticket {
  readonly events: readonly TicketEvent[];
}

export interface Wanted {
  readonly status?: string | undefined;
  readonly priority?: string | undefined;
  readonly category?: string | undefined;
  /** A person's id, `me`, or `none`. */
  readonly assignee_id?: string | undefined;
  readonly conversation_id?: string | undefined;
  readonly overdue?: boolean | undefined;
}

export interface Change {
  readonly subject?: string;
  readonly description?: string;
  readonly status?: Status;
  readonly priority?: Priority;
  readonly category?: string;
  readonly assignee_id?: string;
  readonly team_id?: string;
}

const at = (id: string, what = "") => `/v1/tickets/${encodeURIComponent(id)}${what}`;

/** The filter as the server reads it, for a list and for an export. */
export function asked(
  { overdue, ...wanted }: Wanted,
  more: { cursor?: string; limit?: number } = {},
): string {
  return query({ ...wanted, overdue: overdue ? "true" : undefined, ...more });
}

export const listTickets = (wanted: Wanted, cursor: string, signal: AbortSignal) =>
  request<{ readonly data: readonly Ticket[]; readonly next_cursor: string }>(
    `/v1/tickets${asked(wanted, { cursor, limit: 50 })}`,
    { signal },
  );

export const getTicket = (id: string, signal: AbortSignal) => request<TicketDetail>(at(id), { signal });

export const openTicket = (entry: Change & { readonly subject: string; readonly conversation_id?: string }) =>
  request<Ticket>("/v1/tickets", { method: "POST", body: entry });

export const changeTicket = (id: string, change: Change) =>
  request<TicketDetail>(at(id), { method: "PATCH", body: change });

export const commentTicket = (id: string, text: string) =>
  request<TicketEvent>(at(id, "/comments"), { method: "POST", body: { text } });

export const planFollowUp = (id: string, when: string, text: string) =>
  request<TicketDetail>(at(id, "/follow-up"), { method: "POST", body: { at: when, text } });

export const dropFollowUp = (id: string) => request<void>(at(id, "/follow-up"), { method: "DELETE" });
