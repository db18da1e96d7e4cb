import type { Message } from "@miaohui/protocol";
import { query, request } from "../../../shared/http/request";
import type { Conversation, Priority } from "../model/conversation";
import type { Page } from "../model/roster";
import type { Filter } from "../model/views";
import { readConversation, type WireConversation } from "./wire";

const pageSize = 100;

interface WirePage {
  readonly data: WireConversation[];
  readonly next_cursor?: string | null;
}

export async function listConversations(filter: Filter, cursor: string): Promise<Page> {
  const { view, inbox, label, priority } = filter;
  const status = view === "mine" || view === "waiting" ? "open" : view;
  const assignee_id = view === "mine" ? "me" : view === "waiting" ? "none" : undefined;
  const asked = query({ status, assignee_id, inbox_id: inbox, label, priority, cursor, limit: pageSize });
  return readPage(await request<WirePage>(`/v1/conversations${asked}`));
}

/** What else this contact, and those found to be the same, ever said; the last changed first. */
export async function listOfContact(
  contactId: string,
  signal: AbortSignal,
): Promise<readonly Conversation[]> {
  const path = `/v1/conversations${query({ contact_id: contactId, limit: 10 })}`;
  return readPage(await request<WirePage>(path, { signal })).data;
}

export async function getConversation(id: string, signal?: AbortSignal): Promise<Conversation> {
  return readConversation(
    await request<WireConversation>(`/v1/conversations/${id}`, signal ? { signal } : {}),
  );
}

export async function listMessages(id: string, before: number): Promise<Message[]> {
  const path = `/v1/conversations/${id}/messages${query({ before, limit: 50 })}`;
  return (await request<{ data: Message[] }>(path)).data;
}

export interface Words {
  readonly cmid: string;
  readonly text: string;
  readonly note: boolean;
}

/** Sends as the agent; with the same `cmid` it is sent once, however often it is tried. */
export async function say(id: string, words: Words): Promise<void> {
  await request(`/v1/conversations/${id}/messages`, {
    method: "POST",
    body: words.note ? { text: words.text, note: true } : { text: words.text },
    idempotencyKey: words.cmid,
  });
}

export const takeOver = (id: string, key: string) => act(id, "take-over", key);

export const handBack = (id: string, key: string) => act(id, "hand-back", key);

export const resolve = (id: string, key: string) => act(id, "resolve", key);

export const claim = (id: string, key: string) => act(id, "claim", key);

export const unsnooze = (id: string, key: string) => act(id, "unsnooze", key);

/** The deeds that say more than their name. */
export const assign = (agent_id: string) => acting("assign", { agent_id });
export const transfer = (team_id: string) => acting("transfer", { team_id });
export const snooze = (until: string) => acting("snooze", { until });
export const setLabels = (labels: readonly string[]) => acting("labels", { labels });
export const setPriority = (priority: Priority) => acting("priority", { priority });

function acting(deed: string, body: object) {
  return (id: string, key: string) => act(id, deed, key, body);
}

async function act(id: string, deed: string, key: string, body: object = {}): Promise<Conversation> {
  const options = { method: "POST", idempotencyKey: key, body } as const;
  return readConversation(await request<WireConversation>(`/v1/conversations/${id}/${deed}`, options));
}

function readPage(page: WirePage): Page {
  return { data: page.data.map(readConversation), nextCursor: page.next_cursor ?? "" };
}
