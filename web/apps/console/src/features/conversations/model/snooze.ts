export type SnoozeName = "hour" | "three_hours" | "tomorrow" | "monday";

export interface Snooze {
  readonly name: SnoozeName;
  readonly at: Date;
}

const morning = 9;

/** When a conversation may come back: soon, tomorrow morning, or on Monday morning, in the agent's own time. */
export function snoozes(now: Date): Snooze[] {
  const toMonday = (8 - now.getDay()) % 7 || 7;
  return [
    { name: "hour", at: new Date(now.getTime() + 3_600_000) },
    { name: "three_hours", at: new Date(now.getTime() + 3 * 3_600_000) },
    { name: "tomorrow", at: morningIn(now, 1) },
    { name: "monday", at: morningIn(now, toMonday) },
  ];
}

/** As the server reads a time: in UTC, to the second. */
export function stampOf(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, "Z");
}

function morningIn(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, morning);
}
