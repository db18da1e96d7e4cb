import { query, request } from "../../../shared/http/request";

/** What a company's own servers may be told of. */
export const eventNames = [
  "conversation.created",
  "conversation.updated",
  "conversation.taken_over",
  "conversation.resolved",
  "handoff.requested",
  "message.created",
  "note.created",
  "rating.created",
  "ticket.created",
  "ticket.updated",
] as const;
export type EventName = (typeof eventNames)[number];

export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** None means all. */
  readonly events: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
  readonly disabled_reason: string;
  readonly failing_since: string | null;
  readonly rotated_until: string | null;
  readonly created_at: string;
}

export interface WebhookDetail extends Webhook {
  readonly waiting: number;
  /** Given up; a replay sends them again. */
  readonly dead: number;
}

export interface MadeWebhook extends Webhook {
  /** The signing secret; the server tells it this once. */
  readonly secret: string;
}

export interface Tried {
  readonly arrived: boolean;
  readonly status: string;
  readonly error: string;
  readonly took_ms: number;
}

export interface Attempt {
  readonly id: string;
  readonly event_id: string;
  readonly type: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly status: number;
  readonly error: string;
  readonly took_ms: number;
  readonly at: string;
}

export interface WebhookEntry {
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
}

const at = (id: string, act = "") => `/v1/webhooks/${encodeURIComponent(id)}${act}`;

export const listWebhooks = async (signal: AbortSignal) =>
  (await request<{ data: readonly Webhook[] }>("/v1/webhooks", { signal })).data;

export const getWebhook = (id: string, signal: AbortSignal) => request<WebhookDetail>(at(id), { signal });

export const createWebhook = (entry: WebhookEntry) =>
  request<MadeWebhook>("/v1/webhooks", { method: "POST", body: entry });

export const changeWebhook = (id: string, entry: WebhookEntry) =>
  request<Webhook>(at(id), { method: "PATCH", body: entry });

export const deleteWebhook = (id: string) => request<void>(at(id), { method: "DELETE" });

export const switchWebhook = (id: string, enabled: boolean) =>
  request<void>(at(id, enabled ? "/enable" : "/disable"), { method: "POST", body: {} });

export const rotateWebhook = (id: string) =>
  request<MadeWebhook>(at(id, "/rotate"), { method: "POST", body: {} });

export const tryWebhook = (id: string) => request<Tried>(at(id, "/test"), { method: "POST", body: {} });

export const replayWebhook = (id: string, since: string, sentToo: boolean) =>
  request<{ readonly events: number }>(at(id, "/replay"), {
    method: "POST",
    body: { since, sent_too: sentToo },
  });

export const listAttempts = (id: string, cursor: string, signal: AbortSignal) =>
  request<{ readonly data: readonly Attempt[]; readonly next_cursor: string }>(
    `${at(id, "/deliveries")}${query({ cursor, limit: 50 })}`,
    { signal },
  );
