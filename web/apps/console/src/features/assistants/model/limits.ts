import { budgets, type LimitName, type Limits, numbers, type OwnLimits } from "../api/limits";
import { mayBudget } from "./budget";

/** In the order in which they are shown. */
export const groups = [
  {
    title: "limits.visitors",
    names: ["visitor_messages_per_minute", "visitor_burst", "visitor_pictures_per_minute", "message_bytes"],
  },
  {
    title: "limits.company",
    names: ["tenant_messages_per_minute", "tenant_burst", "tenant_pictures_per_minute"],
  },
  { title: "limits.people", names: ["handoff_unanswered", "handoff_upset", "handoff_turns"] },
] as const;

const leastBytes = 100;

/** A rule may be off; nothing else may be shut. */
export function rangeOf(name: LimitName, limits: Limits): { readonly least: number; readonly most: number } {
  const most = limits.most[name];
  if (name.startsWith("handoff_")) return { least: 0, most };
  return { least: Math.min(name === "message_bytes" ? leastBytes : 1, most), most };
}

/** Whether a value may be kept; nothing is as for the installation. */
export function fits(name: LimitName, value: number | null, limits: Limits): boolean {
  const { least, most } = rangeOf(name, limits);
  return value === null || (Number.isInteger(value) && value >= least && value <= most);
}

export const allFit = (own: OwnLimits, limits: Limits): boolean =>
  numbers.every((name) => fits(name, own[name], limits)) &&
  budgets.every((name) => mayBudget(own[name], limits.most[name]));

export const isChanged = (own: OwnLimits, before: OwnLimits): boolean =>
  own.handoff_tool_failure !== before.handoff_tool_failure ||
  [...numbers, ...budgets].some((name) => own[name] !== before[name]);
