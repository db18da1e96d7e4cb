import type { Day } from "../api/engines";

export interface Spent {
  readonly day: string;
  readonly attempts: number;
  readonly failed: number;
  readonly input: number;
  readonly output: number;
  readonly costMicro: number;
}

/** What each day came to over all routes and ends, the latest first. */
export function spentByDay(days: readonly Day[]): Spent[] {
  const found = new Map<string, Spent>();
  for (const one of days) {
    const before = found.get(one.day) ?? {
      day: one.day,
      attempts: 0,
      failed: 0,
      input: 0,
      output: 0,
      costMicro: 0,
    };
    found.set(one.day, {
      day: one.day,
      attempts: before.attempts + one.attempts,
      failed: before.failed + (one.outcome === "failed" ? one.attempts : 0),
      input: before.input + one.input_tokens,
      output: before.output + one.output_tokens,
      costMicro: before.costMicro + one.cost_micro,
    });
  }
  return [...found.values()].sort((a, b) => b.day.localeCompare(a.day));
}
