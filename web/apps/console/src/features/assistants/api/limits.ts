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

export const budgets = ["cost_day_micro", "cost_month_micro"] as const;

/** In millionths of a currency unit; 0 and null are none of the company's own. */
export type BudgetName = (typeof budgets)[number];

/** null: as for the installation. */
export type OwnLimits = Readonly<Record<LimitName | BudgetName, number | null>> & {
  readonly handoff_tool_failure: boolean | null;
  /** Of the limits that are changed; 0 when there were none. */
  readonly version: number;
};

export interface Limits {
  readonly own: OwnLimits;
  readonly installation: OwnLimits;
  /** How far each may go. */
  readonly most: Readonly<Record<LimitName | BudgetName, number>>;
  readonly spending: Readonly<Record<"day" | "month", Spent>>;
}

/** What providers came to in one period (UTC), in millionths of a currency unit. */
export interface Spent {
  readonly spent_micro: number;
  /** The tighter of the company's own and the installation's; 0: none. */
  readonly budget_micro: number;
  readonly ends_at: string;
}

export const getLimits = (signal: AbortSignal) => request<Limits>("/v1/admin/limits", { signal });

export const putLimits = (limits: OwnLimits) =>
  request<Limits>("/v1/admin/limits", { method: "PUT", body: limits });
