import { request } from "../../../shared/http/request";

/** How a door of others' make stands. */
export interface Door {
  readonly set_up: boolean;
  readonly heard_at: string | null;
  readonly sent_at: string | null;
  readonly failed_at: string | null;
  /** State of the last part that did not go out, and the channel's own code. */
  readonly failure: string;
}

export interface Finding {
  readonly part: "account" | "receive" | "send";
  readonly code: string;
  /** The vendor's own words. */
  readonly detail: string;
}

export interface Tried {
  readonly works: boolean;
  readonly findings: readonly Finding[];
}

export interface Telegram {
  readonly number: string;
  /** The path that Telegram calls, after this server's address. */
  readonly callback: string;
}

export interface WeCom {
  readonly corp_id: string;
  readonly open_kfid: string;
  readonly welcome: string;
  readonly handoff: "here" | "wecom";
  readonly servicer: string;
  /** The path to enter at WeCom, after this server's address. */
  readonly callback: string;
  readonly secret_hint: string;
}

export interface WeComEntry {
  readonly corp_id: string;
  readonly open_kfid: string;
  readonly welcome: string;
  readonly handoff: "here" | "wecom";
  readonly servicer: string;
  /** As the next two: empty keeps the one there is. */
  readonly token: string;
  readonly aes_key: string;
  readonly secret: string;
}

export type Safety = "tls" | "starttls" | "none";

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly safety: Safety;
}

export interface Mail {
  readonly address: string;
  readonly name: string;
  readonly locale: "zh-CN" | "en";
  readonly imap: MailServer & { readonly has_password: boolean };
  readonly smtp: MailServer & { readonly has_password: boolean };
}

export interface MailEntry {
  readonly address: string;
  readonly name: string;
  readonly locale: "zh-CN" | "en";
  /** An empty password keeps the one there is, as long as the server is the same. */
  readonly imap: MailServer & { readonly password: string };
  readonly smtp: MailServer & { readonly password: string };
}

const at = (inboxId: string, what: string) => `/v1/inboxes/${encodeURIComponent(inboxId)}/${what}`;

export const getDoor = (inboxId: string, signal: AbortSignal) =>
  request<Door>(at(inboxId, "door"), { signal });

export const tryDoor = (inboxId: string) => request<Tried>(at(inboxId, "door/test"), { method: "POST" });

export const getTelegram = (inboxId: string, signal: AbortSignal) =>
  request<Telegram>(at(inboxId, "telegram"), { signal });

export const setTelegram = (inboxId: string, token: string) =>
  request<Telegram>(at(inboxId, "telegram"), { method: "POST", body: { token } });

export const getWeCom = (inboxId: string, signal: AbortSignal) =>
  request<WeCom>(at(inboxId, "wecom"), { signal });

export const setWeCom = (inboxId: string, entry: WeComEntry) =>
  request<WeCom>(at(inboxId, "wecom"), { method: "POST", body: entry });

export const getMail = (inboxId: string, signal: AbortSignal) =>
  request<Mail>(at(inboxId, "mail"), { signal });

export const setMail = (inboxId: string, entry: MailEntry) =>
  request<Mail>(at(inboxId, "mail"), { method: "POST", body: entry });
