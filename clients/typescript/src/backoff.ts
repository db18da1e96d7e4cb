const LONGEST_DOUBLING = 4;

/** 1, 2, 4, 8, 16 seconds with full jitter: a crowd that lost its server does not come back as one. */
export function backoffMs(failures: number, chance: number): number {
  return chance * 1000 * 2 ** Math.min(failures, LONGEST_DOUBLING);
}

/** Whether a closed socket may be opened again: 45xx says that coming back with the same credential is of no use. */
export function mayReturn(closeCode: number): boolean {
  return closeCode < 4500 || closeCode > 4599;
}
