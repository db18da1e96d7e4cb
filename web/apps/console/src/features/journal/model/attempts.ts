import type { Attempt } from "../api/turns";

/** What all tries of a turn cost together, in millionths. */
export function costOf(attempts: readonly Attempt[]): number {
  return attempts.reduce((sum, one) => sum + one.cost_micro, 0);
}

/** `¥0.0004`: as many places as it takes to see something; nothing costs nothing. */
export function money(micro: number): string {
  const units = micro / 1e6;
  const places = units >= 1 ? 2 : units >= 0.001 || units === 0 ? 4 : 6;
  return `¥${units.toFixed(places)}`;
}

/** Lines as one types them, without empty ones. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);
}
