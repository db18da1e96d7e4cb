import { query, request } from "../../../shared/http/request";
import type { Agent, Team } from "../../../shared/people/agents";

export interface Reply {
  readonly id: string;
  readonly short_code: string;
  readonly text: string;
}

/** Part of a day, in minutes after midnight. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Hours {
  readonly timezone: string;
  /** Seven days, Monday first. */
  readonly week: readonly (readonly Span[])[];
  readonly holidays: Readonly<Record<string, readonly Span[]>>;
  readonly away: Readonly<Record<string, string>>;
}

export interface HoursTold extends Hours {
  readonly always: boolean;
  readonly open_now: boolean;
}

export interface InboxDesk {
  readonly team_id: string;
  readonly skills: readonly string[];
  readonly strategy: "round_robin" | "least_loaded";
}

export interface Abilities {
  readonly capacity: number;
  readonly skills: readonly string[];
  readonly languages: readonly string[];
}

const desk = (what: string, id = "") => `/v1/desk/${what}${id && `/${encodeURIComponent(id)}`}`;
const inbox = (id: string, what: string) => `/v1/inboxes/${encodeURIComponent(id)}/${what}`;

export const listReplies = async (signal: AbortSignal) =>
  (
    await request<{ data: readonly Reply[] }>(`${desk("replies")}${query({ limit: 50 })}`, {
      signal,
    })
  ).data;

export const saveReply = (id: string, words: Omit<Reply, "id">) =>
  request<Reply>(desk("replies", id), { method: id ? "PATCH" : "POST", body: words });

export const deleteReply = (id: string) => request<void>(desk("replies", id), { method: "DELETE" });

export const saveTeam = (id: string, team: Omit<Team, "id">) =>
  request<Team>(desk("teams", id), { method: id ? "PATCH" : "POST", body: team });

export const deleteTeam = (id: string) => request<void>(desk("teams", id), { method: "DELETE" });

export const setAbilities = (id: string, abilities: Abilities) =>
  request<Agent>(desk("agents", id), { method: "PATCH", body: abilities });

export const getHours = (id: string, signal: AbortSignal) =>
  request<HoursTold>(inbox(id, "hours"), { signal });

export const setHours = (id: string, hours: Hours) =>
  request<HoursTold>(inbox(id, "hours"), { method: "POST", body: hours });

export const clearHours = (id: string) => request<void>(inbox(id, "hours"), { method: "DELETE" });

export const getInboxDesk = (id: string, signal: AbortSignal) =>
  request<InboxDesk>(inbox(id, "desk"), { signal });

export const setInboxDesk = (id: string, wanted: InboxDesk) =>
  request<InboxDesk>(inbox(id, "desk"), { method: "POST", body: wanted });
