import type { Message } from "@miaohui/protocol";
import { query, request } from "../../../shared/http/request";
import type { Conversation } from "../model/conversation";
import type { Page } from "../model/roster";
import type { Filter } from "../model/views";
import { readConversation, type WireConversation } from "./wire";

const pageSize = 100;

interface WirePage {
  readonly data: WireConversation[];
  readonly next_cursor?: string | null;
}

export async function listConversations(filter: Filter, cursor: string): Promise<Page> {
  const status = filter.view === "mine" || filter.view === "waiting" ? "open" : filter.view;
  return readPage(await request<WirePage>(`/v1/conversations${query({ status, cursor, limit: pageSize })}`));
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

async function act(id: string, deed: string, key: string): Promise<Conversation> {
  const options = { method: "POST", idempotencyKey: key, body: {} } as const;
  return readConversation(await request<WireConversation>(`/v1/conversations/${id}/${deed}`, options));
}

function readPage(page: WirePage): Page {
  return { data: page.data.map(readConversation), nextCursor: page.next_cursor ?? "" };
}
