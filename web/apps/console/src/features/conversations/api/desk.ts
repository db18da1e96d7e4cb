import { query, request } from "../../../shared/http/request";
import type { Agent, Presence } from "../../../shared/people/agents";

/** Where a visitor stands in the queue; without an estimate nobody is there who could serve. */
export interface Place {
  readonly waiting: boolean;
  readonly position: number | null;
  readonly estimate_s: number | null;
  readonly opens_at: string | null;
}

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly external_id: string;
  readonly verified: boolean;
  readonly inbox_id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly blocked: boolean;
  readonly created_at: string;
  readonly last_seen_at: string;
  /** Ids of contacts that were found to be this one. */
  readonly also: readonly string[];
}

/** What one should know before the first word; all of it as the visitor wrote it. */
export interface Summary {
  readonly reason: string | null;
  readonly wants: string;
  readonly first: string;
  readonly tried: readonly {
    readonly question: string;
    readonly answer: string;
    readonly sources: readonly string[];
  }[];
  readonly entities: readonly { readonly kind: string; readonly text: string }[];
  readonly sentiment: number;
  readonly contact: Contact;
}

export interface Reply {
  readonly id: string;
  readonly short_code: string;
  readonly text: string;
}

/** An order of the contact, as far as it fits on a card. */
export interface Order {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly paid: string;
  readonly made_at: string;
}

const conversation = (id: string, what: string) => `/v1/conversations/${encodeURIComponent(id)}/${what}`;
const contact = (id: string, what = "") => `/v1/contacts/${encodeURIComponent(id)}${what}`;

export const getPresence = (signal: AbortSignal) => request<Agent>("/v1/desk/presence", { signal });

export const setPresence = (state: Presence) =>
  request<Agent>("/v1/desk/presence", { method: "POST", body: { state } });

export const getPlace = (id: string, signal: AbortSignal) =>
  request<Place>(conversation(id, "queue"), { signal });

export const listOrders = (id: string, signal: AbortSignal) =>
  request<{ readonly data: readonly Order[]; readonly known: boolean }>(conversation(id, "orders"), {
    signal,
  });

export const getSummary = (id: string, signal: AbortSignal) =>
  request<Summary>(conversation(id, "summary"), { signal });

/** A draft by the same engines, from the same knowledge; it is sent to nobody. */
export const suggest = (id: string) =>
  request<{ readonly text: string; readonly known: boolean }>(conversation(id, "suggestion"), {
    method: "POST",
    body: {},
  });

/** A conversation in which somebody said these words, or with somebody of that name. */
export interface Hit {
  readonly conversation: {
    readonly id: string;
    readonly contact: { readonly id: string; readonly name: string };
  };
  readonly excerpt: string;
}

export const findConversations = async (words: string, signal: AbortSignal) =>
  (
    await request<{ data: readonly Hit[] }>(`/v1/search/conversations${query({ q: words, limit: 8 })}`, {
      signal,
    })
  ).data;

/** What the visitor found of the whole conversation; no score while nothing was said. */
export const getSatisfaction = (id: string, signal: AbortSignal) =>
  request<{ readonly score: number | null; readonly comment: string }>(conversation(id, "satisfaction"), {
    signal,
  });

export const findReplies = async (words: string, signal: AbortSignal) =>
  (await request<{ data: readonly Reply[] }>(`/v1/desk/replies${query({ q: words, limit: 8 })}`, { signal }))
    .data;

export const listLabels = async (signal: AbortSignal) =>
  (await request<{ data: readonly string[] }>("/v1/labels", { signal })).data;

/** A note that names me. */
export interface Mention {
  readonly conversation_id: string;
  readonly message_id: string;
  readonly by_name: string;
  readonly at: string;
  readonly seen: boolean;
}

/** The last ones first. */
export const listMentions = async (signal: AbortSignal) =>
  (await request<{ data: readonly Mention[] }>(`/v1/desk/mentions${query({ limit: 30 })}`, { signal })).data;

/** From the company's mailbox, without notes. */
export const sendTranscript = (id: string, to: string) =>
  request<void>(conversation(id, "transcript"), { method: "POST", body: { to } });

/** How a part of a message fares on its way to who is outside. */
export interface Sending {
  readonly seq: number;
  /** `sent`, `sending`, `waiting`, `undeliverable`, `uncertain`. */
  readonly state: string;
  /** In the vendor's own words. */
  readonly detail: string;
}

export const listSendings = async (id: string, signal: AbortSignal) =>
  (await request<{ data: readonly Sending[] }>(conversation(id, "sendings"), { signal })).data;

export const seeMentions = (id: string) =>
  request<void>("/v1/desk/mentions/seen", { method: "POST", body: { conversation_id: id } });

export const findContacts = async (words: string, signal: AbortSignal) =>
  (await request<{ data: readonly Contact[] }>(`/v1/contacts${query({ q: words, limit: 10 })}`, { signal }))
    .data;

export const mergeContact = (id: string, into: string) =>
  request<Contact>(contact(id, "/merge"), { method: "POST", body: { into } });

export const partContact = (id: string) =>
  request<Contact>(contact(id, "/part"), { method: "POST", body: {} });

export const blockContact = (id: string, blocked: boolean) =>
  request<Contact>(contact(id, blocked ? "/block" : "/unblock"), { method: "POST", body: {} });
