import { categories, priorities, type Status, statuses, type Ticket, type Wanted } from "../api/tickets";

export type Whose = "" | "me" | "none";

/** What the page shows; all of it stands in the address. */
export interface Shown {
  readonly look?: "board" | undefined;
  readonly status?: string | undefined;
  readonly whose?: string | undefined;
  readonly priority?: string | undefined;
  readonly category?: string | undefined;
  readonly overdue?: string | undefined;
  readonly ticket?: string | undefined;
}

/** The filter in an address; what is no such thing asks for nothing. */
export function wantedOf(shown: Shown): Wanted {
  return {
    status: statuses.find((one) => one === shown.status),
    priority: priorities.find((one) => one === shown.priority),
    category: categories.find((one) => one === shown.category),
    assignee_id: shown.whose === "me" || shown.whose === "none" ? shown.whose : undefined,
    overdue: shown.overdue === "1" || undefined,
  };
}

export interface Due {
  readonly word: "done" | "stopped" | "overdue" | "due";
  readonly tone: "calm" | "amber" | "red";
  /** How long still, or how long already; minutes. */
  readonly minutes: number;
}

const soonMinutes = 60;

/** How its clock stands. */
export function dueOf(ticket: Pick<Ticket, "status" | "due_at" | "overdue">, nowMs: number): Due {
  if (ticket.status === "done") return { word: "done", tone: "calm", minutes: 0 };
  if (!ticket.due_at) return { word: "stopped", tone: "calm", minutes: 0 };
  const left = Math.round((Date.parse(ticket.due_at) - nowMs) / 60_000);
  if (left < 0 || ticket.overdue) return { word: "overdue", tone: "red", minutes: Math.abs(left) };
  return { word: "due", tone: left <= soonMinutes ? "amber" : "calm", minutes: left };
}

export type Span = readonly [unit: "minutes" | "hours" | "days", count: number];

/** As a person would say it: minutes up to two hours, hours up to two days, then days. */
export function spanOf(minutes: number): Span {
  if (minutes < 120) return ["minutes", minutes];
  if (minutes < 48 * 60) return ["hours", Math.round(minutes / 60)];
  return ["days", Math.round(minutes / (24 * 60))];
}

/** The next column to the right or left, as far as there is one. */
export function beside(status: Status, by: 1 | -1): Status | null {
  return statuses[statuses.indexOf(status) + by] ?? null;
}
