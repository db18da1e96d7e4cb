export const periods = [1, 7, 30, 90] as const;
export type Days = (typeof periods)[number];

/** A stretch of time as the server takes it; without an end it goes on until now. */
export interface Stretch {
  readonly since: string;
  readonly until?: string;
  readonly step: "hour" | "day";
  /** Of the viewer's clock against UTC: days begin at their midnight. */
  readonly offsetMinutes: number;
}

export function readDays(text: string | undefined): Days {
  return periods.find((one) => String(one) === text) ?? 7;
}

/** So many days with today among them, from a midnight on. */
export function stretchOf(days: Days, now: Date): Stretch {
  return { since: stampOf(midnight(now, days - 1)), ...clockOf(days, now) };
}

/** As many days before them. */
export function before(days: Days, now: Date): Stretch {
  const until = stampOf(midnight(now, days - 1));
  return { since: stampOf(midnight(now, 2 * days - 1)), until, ...clockOf(days, now) };
}

function clockOf(days: Days, now: Date): Pick<Stretch, "step" | "offsetMinutes"> {
  return { step: days === 1 ? "hour" : "day", offsetMinutes: -now.getTimezoneOffset() };
}

function midnight(now: Date, daysAgo: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
}

function stampOf(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, "Z");
}
