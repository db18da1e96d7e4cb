import { query, request } from "../../../shared/http/request";

/** A question that was answered wrongly once, and what should be said. */
export interface Case {
  readonly id: string;
  readonly turn_id: string;
  readonly conversation_id: string;
  readonly question: string;
  readonly wanted: string;
  readonly holds: readonly string[];
  readonly lacks: readonly string[];
  /** `held`, `broke`, or empty while it was never tried. */
  readonly outcome: string;
  readonly answer: string;
  readonly tried_at: string | null;
}

export interface CasePage {
  readonly data: readonly Case[];
  readonly next_cursor: string;
}

const at = (id: string, what = "") => `/v1/desk/cases/${encodeURIComponent(id)}${what}`;

export const listCases = (cursor: string, signal: AbortSignal) =>
  request<CasePage>(`/v1/desk/cases${query({ cursor, limit: 50 })}`, { signal });

export const tryCase = (id: string) => request<Case>(at(id, "/try"), { method: "POST", body: {} });

export const dropCase = (id: string) => request<void>(at(id), { method: "DELETE" });
