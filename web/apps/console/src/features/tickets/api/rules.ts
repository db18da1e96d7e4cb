import { request } from "../../../shared/http/request";
import type { Priority } from "./tickets";

export const reasons = [
  "customer_request",
  "missing_knowledge",
  "unsupported_request",
  "policy_restriction",
  "tool_failure",
  "engines_unavailable",
  "sentiment",
  "usage_limit",
] as const;
export type Reason = (typeof reasons)[number];

/** Opens a ticket for each conversation that is handed off for the reason, or has the label. */
export interface RuleEntry {
  readonly name: string;
  readonly handoff_reason: Reason | "";
  readonly label: string;
  readonly subject: string;
  readonly priority: Priority;
  readonly category: string;
  readonly team_id: string;
}

export interface Rule extends RuleEntry {
  readonly id: string;
}

/** Working minutes until a ticket should be done. */
export type Targets = Readonly<Record<Priority, number>>;
export type Dues = Readonly<Record<Priority, string>>;

const base = "/v1/ticket-rules";
const at = (id: string) => `${base}/${encodeURIComponent(id)}`;

export const listRules = async (signal: AbortSignal) =>
  (await request<{ data: readonly Rule[] }>(base, { signal })).data;

export const createRule = (entry: RuleEntry) => request<Rule>(base, { method: "POST", body: entry });

export const changeRule = (id: string, entry: RuleEntry) =>
  request<Rule>(at(id), { method: "PUT", body: entry });

export const deleteRule = (id: string) => request<void>(at(id), { method: "DELETE" });

export const getTargets = (signal: AbortSignal) => request<Targets>("/v1/ticket-targets", { signal });

export const setTargets = (targets: Targets) =>
  request<Targets>("/v1/ticket-targets", { method: "POST", body: targets });

export const previewTargets = (targets: Targets, inboxId: string, signal: AbortSignal) =>
  request<Dues>("/v1/ticket-targets/preview", {
    method: "POST",
    body: { ...targets, inbox_id: inboxId },
    signal,
  });
