/** Colleagues who look at the same conversation: who said so lately, and has not said that they left. */

export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly until: number;
}

export interface LookingFrame {
  readonly agent: string;
  readonly name: string;
  readonly on: boolean;
}

export const repeatMs = 20_000;
const goneMs = 45_000;

/** After a frame; mine are none of anybody's business here. */
export function seen(
  viewers: readonly Viewer[],
  frame: LookingFrame,
  myId: string,
  nowMs: number,
): readonly Viewer[] {
  if (frame.agent === myId) return viewers;
  const others = viewers.filter((one) => one.id !== frame.agent && one.until > nowMs);
  return frame.on ? [...others, { id: frame.agent, name: frame.name, until: nowMs + goneMs }] : others;
}

export const still = (viewers: readonly Viewer[], nowMs: number): readonly Viewer[] =>
  viewers.every((one) => one.until > nowMs) ? viewers : viewers.filter((one) => one.until > nowMs);

/** Who came only now does not know of me: told once, not each time that they say it again. */
export const isNew = (viewers: readonly Viewer[], frame: LookingFrame, myId: string): boolean =>
  frame.on && frame.agent !== myId && !viewers.some((one) => one.id === frame.agent);
