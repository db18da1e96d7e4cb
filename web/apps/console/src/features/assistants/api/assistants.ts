import { request } from "../../../shared/http/request";

export type Language = "zh-CN" | "en";
export const languages: readonly Language[] = ["zh-CN", "en"];
export const tones = ["", "warm", "brief", "formal"] as const;
export const emojis = ["", "none", "some"] as const;
export const paces = ["", "steady", "calm"] as const;

export interface Assistant {
  readonly name: string;
  readonly persona: string;
  readonly tone: (typeof tones)[number];
  readonly emoji: (typeof emojis)[number];
  /** How fast an answer appears in the widget. */
  readonly pace: (typeof paces)[number];
  readonly greeting: Readonly<Partial<Record<Language, string>>>;
  readonly quick_questions: Readonly<Partial<Record<Language, readonly string[]>>>;
}

/** An inbox with the assistant that serves there. */
export interface Served {
  readonly id: string;
  readonly name: string;
  readonly channel: string;
  readonly locale: Language;
  readonly assistant: Assistant;
}

export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly risk: "read" | "low_impact_write" | "approval_required";
  readonly parameters: Schema;
  readonly granted: boolean;
  /** Of a connector of the company: the assistant may always use it. */
  readonly own: boolean;
}

export interface Tried {
  readonly outcome: string;
  /** JSON, as an engine would be told. */
  readonly result: string;
  readonly took_ms: number;
}

export interface Guard {
  readonly words: Readonly<Record<string, number>>;
}

export interface Judged {
  readonly allowed: boolean;
  readonly reason: string;
  readonly category: string;
  readonly suspicion: number;
  /** The same text as the assistant would say it. */
  readonly said: string;
}

const inbox = (id: string) => `/v1/inboxes/${encodeURIComponent(id)}`;

export const getServed = (id: string, signal: AbortSignal) => request<Served>(inbox(id), { signal });

export const setAssistant = (id: string, assistant: Assistant) =>
  request<Served>(inbox(id), { method: "PATCH", body: { assistant } });

export const listTools = async (signal: AbortSignal) =>
  (await request<{ data: readonly Tool[] }>("/v1/admin/tools", { signal })).data;

export const grantTools = (tools: readonly string[]) =>
  request<{ data: readonly Tool[] }>("/v1/admin/tools", { method: "PUT", body: { tools } });

export const tryTool = (name: string, args: object, conversationId: string) =>
  request<Tried>(`/v1/admin/tools/${encodeURIComponent(name)}/try`, {
    method: "POST",
    body: { arguments: args, conversation_id: conversationId },
  });

export const getGuard = (signal: AbortSignal) => request<Guard>("/v1/admin/guard", { signal });

export const tryGuard = (text: string) =>
  request<Judged>("/v1/admin/guard/try", { method: "POST", body: { text } });
