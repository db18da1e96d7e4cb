import type { Spent } from "../api/limits";

const million = 1_000_000;

/** In units of the currency; null stays nothing. */
export const unitsOf = (micro: number | null): number | null => (micro === null ? null : micro / million);

/** In millionths, as whole numbers: what is smaller is rounded. */
export const microOf = (units: number | null): number | null =>
  units === null ? null : Math.round(units * million);

/** Whether it may be kept: 0 and nothing are no budget of one's own. */
export const mayBudget = (micro: number | null, most: number): boolean =>
  micro === null || (Number.isInteger(micro) && micro >= 0 && micro <= most);

/** How a sum reads: no more places than it has, and two at least. */
export function money(micro: number, locale: string): string {
  const units = micro / million;
  const most = units >= 1 || units === 0 ? 2 : 6;
  return `¥${units.toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: most })}`;
}

export type Standing = "none" | "fine" | "near" | "reached";

/** How far a budget is spent; from 80 in 100 on operators are told. */
export function standingOf({ spent_micro: spent, budget_micro: budget }: Spent): Standing {
  if (budget === 0) return "none";
  if (spent >= budget) return "reached";
  return spent >= budget * 0.8 ? "near" : "fine";
}

/** In whole parts of a hundred, never told as all of it before it is. */
export const percentOf = ({ spent_micro: spent, budget_micro: budget }: Spent): number =>
  budget === 0 ? 0 : Math.floor((spent / budget) * 100);
