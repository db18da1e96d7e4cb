/** 1, 2, 4, 8, 16 seconds with full jitter: a crowd that lost its server does not come back as one. */
export function backoffMs(failures: number, chance: number): number {
  return Math.round(chance * 1000 * 2 ** Math.min(failures, 4));
}

/** 45xx: coming back with the same credential is of no use; all else passes. */
export function mayReturn(closeCode: number): boolean {
  return closeCode < 4500 || closeCode > 4599;
}
