import { request } from "../../../shared/http/request";
import type { Schema } from "./assistants";

/** Something that an agent may do for a conversation. */
export interface Action {
  readonly name: string;
  readonly description: string;
  readonly risk: "read" | "low_impact_write" | "approval_required";
  readonly parameters: Schema;
}

export interface Ended {
  /** `done`, `refused`, `timeout`, `failed`, `invalid`. */
  readonly outcome: string;
  /** JSON. */
  readonly result: string;
}

const at = (conversationId: string) => `/v1/conversations/${encodeURIComponent(conversationId)}/tools`;

export const listActions = async (conversationId: string, signal: AbortSignal) =>
  (await request<{ data: readonly Action[] }>(at(conversationId), { signal })).data;

export const runAction = (conversationId: string, name: string, args: object) =>
  request<Ended>(`${at(conversationId)}/${encodeURIComponent(name)}`, {
    method: "POST",
    body: { arguments: args },
  });
