const STEPS_MS = [1000, 2000, 4000, 8000, 16_000];

/** How long to wait before try `n` (from 0): full jitter, so that a crowd that lost its server does not return as one. */
export function backoff_ms(n: number, random: () => number): number {
  return random() * (STEPS_MS[Math.min(n, STEPS_MS.length - 1)] as number);
}

/** Whether a closed link may be opened again: 45xx says that coming back does not help. */
export function mayReturn(code: number): boolean {
  return code < 4500 || code > 4599;
}
