import { request } from "../../../shared/http/request";
import type { Inbox } from "./settings";

export type Channel = "web" | "api" | "wechat" | "wecom" | "telegram" | "mail";
export type WeChatMode = "encrypted" | "compatible" | "plain";

/** An Official Account as the server tells it: never its secrets. */
export interface WeChat {
  readonly inbox_id: string;
  readonly app_id: string;
  readonly original_id: string;
  readonly mode: WeChatMode;
  readonly can_send: boolean;
  readonly welcome: string;
  /** The path to enter at WeChat, after this server's address. */
  readonly callback: string;
  readonly app_secret_hint: string;
}

/** An Official Account as it is entered; what is secret is always entered anew. */
export interface WeChatEntry {
  readonly app_id: string;
  readonly app_secret: string;
  readonly token: string;
  readonly aes_key: string;
  readonly mode: WeChatMode;
  readonly welcome: string;
  readonly can_send: boolean;
}

export const createInbox = (name: string, channel: Channel, locale: string) =>
  request<Inbox>("/v1/inboxes", { method: "POST", body: { name, channel, locale } });

export const changeInbox = (id: string, change: object) =>
  request<Inbox>(`/v1/inboxes/${encodeURIComponent(id)}`, { method: "PATCH", body: change });

export const getWeChat = (inboxId: string, signal: AbortSignal) =>
  request<WeChat>(`/v1/inboxes/${encodeURIComponent(inboxId)}/wechat`, { signal });

export const setWeChat = (inboxId: string, entry: WeChatEntry) =>
  request<WeChat>(`/v1/inboxes/${encodeURIComponent(inboxId)}/wechat`, { method: "POST", body: entry });
