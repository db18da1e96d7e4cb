import type { Message } from "@miaohui/protocol";
import { query, request } from "../../../shared/http/request";
import type { Conversation, View } from "../model/conversation";
import type { Page } from "../model/feed";
import { readConversation, type WireConversation } from "./wire";

const pageSize = 50;

export async function listConversations(view: View, cursor: string, signal: AbortSignal): Promise<Page> {
  const path = `/v1/conversations${query({ status: view, cursor, limit: pageSize })}`;
  const page = await request<{ data: WireConversation[]; next_cursor?: string | null }>(path, { signal });
  return { data: page.data.map(readConversation), nextCursor: page.next_cursor ?? "" };
}

export async function getConversation(id: string, signal: AbortSignal): Promise<Conversation> {
  return readConversation(await request<WireConversation>(`/v1/conversations/${id}`, { signal }));
}

export async function listMessages(id: string, before: number): Promise<Message[]> {
  const path = `/v1/conversations/${id}/messages${query({ before, limit: pageSize })}`;
  const page = await request<{ data: Message[] }>(path);
  return page.data;
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

export type Act = "take-over" | "hand-back" | "resolve";

export async function act(id: string, deed: Act, key: string): Promise<Conversation> {
  const path = `/v1/conversations/${id}/${deed}`;
  return readConversation(
    await request<WireConversation>(path, { method: "POST", idempotencyKey: key, body: {} }),
  );
}
