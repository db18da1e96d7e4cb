import { query, request } from "../../../shared/http/request";

export interface Inbox {
  readonly id: string;
  readonly name: string;
  readonly channel: string;
  readonly site_key: string;
  readonly assistant_name: string;
  readonly allowed_origins: readonly string[];
  readonly locale: string;
  /** Visitors may send some from the widget. */
  readonly pictures: boolean;
  readonly files: boolean;
  readonly pages: boolean;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Its first and last characters, enough to tell it from others. */
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly last_used_at: string | null;
}

export interface MadeKey extends ApiKey {
  /** The whole key; the server tells it this once. */
  readonly key: string;
}

/** One administrative act. */
export interface Act {
  readonly id: string;
  readonly at: string;
  readonly actor_name: string;
  readonly act: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export const scopes = [
  "chat",
  "completions",
  "conversations:read",
  "conversations:write",
  "knowledge:read",
  "knowledge:write",
  "admin",
] as const;

export const listInboxes = (signal: AbortSignal) => list<Inbox>("/v1/inboxes", signal);

export const listKeys = (signal: AbortSignal) => list<ApiKey>("/v1/keys", signal);

export const createKey = (name: string, wanted: readonly string[]) =>
  request<MadeKey>("/v1/keys", { method: "POST", body: { name, scopes: wanted } });

export const revokeKey = (id: string) =>
  request<void>(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });

export const listAudit = (cursor: string, signal: AbortSignal) =>
  request<{ data: readonly Act[]; next_cursor: string }>(`/v1/audit${query({ cursor, limit: 50 })}`, {
    signal,
  });

async function list<T>(path: string, signal: AbortSignal): Promise<readonly T[]> {
  return (await request<{ data: readonly T[] }>(path, { signal })).data;
}
