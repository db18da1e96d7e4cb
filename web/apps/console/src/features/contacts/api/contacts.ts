import { query, request } from "../../../shared/http/request";

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly external_id: string;
  readonly verified: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly blocked: boolean;
  readonly created_at: string;
  readonly last_seen_at: string;
  /** Ids of contacts that were found to be this one. */
  readonly also: readonly string[];
}

/** What a contact once said of themselves. */
export interface Fact {
  readonly id: string;
  readonly text: string;
  readonly state: "proposed" | "confirmed";
  readonly conversation_id: string;
  readonly said_at: string;
}

export interface Talk {
  readonly id: string;
  readonly status: string;
  readonly preview: string;
  readonly updated_at: string;
}

export interface Erased {
  readonly conversations: number;
  readonly messages: number;
  readonly tickets: number;
}

const at = (id: string, what = "") => `/v1/contacts/${encodeURIComponent(id)}${what}`;
const fact = (id: string, what = "") => `/v1/facts/${encodeURIComponent(id)}${what}`;

export const findContacts = async (words: string, signal: AbortSignal) =>
  (await request<{ data: readonly Contact[] }>(`/v1/contacts${query({ q: words, limit: 50 })}`, { signal }))
    .data;

export const getContact = (id: string, signal: AbortSignal) => request<Contact>(at(id), { signal });

export const changeContact = (id: string, name: string, attributes: Readonly<Record<string, string>>) =>
  request<Contact>(at(id), { method: "PATCH", body: { name, attributes } });

export const blockContact = (id: string, blocked: boolean) =>
  request<Contact>(at(id, blocked ? "/block" : "/unblock"), { method: "POST", body: {} });

export const eraseContact = (id: string) => request<Erased>(at(id, "/erase"), { method: "POST", body: {} });

export const exportOf = (id: string) => at(id, "/export");

export const listFacts = async (id: string, signal: AbortSignal) =>
  (await request<{ data: readonly Fact[] }>(at(id, "/facts"), { signal })).data;

export const confirmFact = (id: string) => request<Fact>(fact(id, "/confirm"), { method: "POST", body: {} });

export const forgetFact = (id: string) => request<void>(fact(id), { method: "DELETE" });

export const forgetAll = (id: string) => request<void>(at(id, "/facts"), { method: "DELETE" });

export const listTalks = async (id: string, signal: AbortSignal) =>
  (
    await request<{ data: readonly Talk[] }>(`/v1/conversations${query({ contact_id: id, limit: 50 })}`, {
      signal,
    })
  ).data;
