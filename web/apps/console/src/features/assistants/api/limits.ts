import { request } from "../../../shared/http/request";

export const numbers = [
  "visitor_messages_per_minute",
  "visitor_burst",
  "visitor_pictures_per_minute",
  "message_bytes",
  "tenant_messages_per_minute",
  "tenant_burst",
  "tenant_pictures_per_minute",
  "handoff_unanswered",
  "handoff_upset",
  "handoff_turns",
] as const;

export type LimitName = (typeof numbers)[number];

/** null: as for the installation. */
export type OwnLimits = Readonly<Record<LimitName, number | null>> & {
  readonly handoff_tool_failure: boolean | null;
  /** Of the limits that are changed; 0 when there were none. */
  readonly version: number;
};

export interface Limits {
  readonly own: OwnLimits;
  readonly installation: OwnLimits;
  /** How far each may go. */
  readonly most: Readonly<Record<LimitName, number>>;
}

export const getLimits = (signal: AbortSignal) => request<Limits>("/v1/admin/limits", { signal });

export const putLimits = (limits: OwnLimits) =>
  request<Limits>("/v1/admin/limits", { method: "PUT", body: limits });
