/** What to do about one who may have left their desk. */
export type Step = "leave" | "return" | null;

export interface Sitting {
  readonly presence: "online" | "away" | "offline" | "";
  /** Away because nothing was touched, and not because one said so. */
  readonly leftByItself: boolean;
  /** Of the last key or pointer in any window, in milliseconds. */
  readonly touchedAt: number;
}

/** Who touched nothing for so long is away; who comes back after that is there again. 0 minutes: never. */
export function stepOf({ presence, leftByItself, touchedAt }: Sitting, minutes: number, nowMs: number): Step {
  const idle = minutes > 0 && nowMs - touchedAt >= minutes * 60_000;
  if (presence === "online" && idle) return "leave";
  return presence === "away" && leftByItself && !idle ? "return" : null;
}
