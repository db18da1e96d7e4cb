import type { Rule, RuleEntry, Targets } from "../api/rules";
import { priorities } from "../api/tickets";

export const mostMinutes = 525_600;

export function entryOf(rule: Rule | null): RuleEntry {
  return {
    name: rule?.name ?? "",
    handoff_reason: rule?.handoff_reason ?? "",
    label: rule?.label ?? "",
    subject: rule?.subject ?? "",
    priority: rule?.priority ?? "medium",
    category: rule?.category ?? "",
    team_id: rule?.team_id ?? "",
  };
}

/** Names of fields that are not in form; a rule that asks for nothing would open a ticket for everything. */
export function faultsOf(entry: RuleEntry): ReadonlySet<keyof RuleEntry> {
  const faults = new Set<keyof RuleEntry>();
  if (!entry.name.trim()) faults.add("name");
  if (!entry.subject.trim()) faults.add("subject");
  if (!entry.handoff_reason && !entry.label.trim()) faults.add("handoff_reason");
  return faults;
}

/** What a target is typed in. No days: a day of work is not as long everywhere. */
export type Unit = "minutes" | "hours";
export const unitMinutes: Readonly<Record<Unit, number>> = { minutes: 1, hours: 60 };

export const unitOf = (minutes: number): Unit => (minutes > 0 && minutes % 60 === 0 ? "hours" : "minutes");

export type TargetFault = "range" | "order";

/** What is wrong with targets: none in the year, or less time for what is less urgent. */
export function faultsOfTargets(targets: Targets): Readonly<Partial<Record<keyof Targets, TargetFault>>> {
  const faults: Partial<Record<keyof Targets, TargetFault>> = {};
  priorities.forEach((priority, n) => {
    const minutes = targets[priority];
    const before = priorities[n - 1];
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > mostMinutes) faults[priority] = "range";
    else if (before && minutes < targets[before]) faults[priority] = "order";
  });
  return faults;
}
