import type { Call } from "../../../shared/prefs/habits";
import type { Conversation } from "./conversation";

export interface Standing {
  readonly myId: string;
  /** The conversation that is open and looked at, or "". */
  readonly lookingAt: string;
}

/** What a change asks of me: someone new in the queue, one given to me, or a reply in one of mine.
 *
 * What one looks at needs no call.
 */
export function callOf(
  before: Conversation | undefined,
  after: Conversation,
  now: Standing,
): Exclude<Call, "mention"> | null {
  if (after.status !== "open" || after.id === now.lookingAt) return null;
  const mine = after.assigneeId === now.myId;
  if (mine && before && before.assigneeId !== now.myId && after.waitingSince > 0) return "given";
  if (mine) return after.waitingSince > 0 && before && after.lastSeq > before.lastSeq ? "reply" : null;
  if (after.assigneeId || after.waitingSince === 0) return null;
  if (!before) return hasJustCome(after) ? "queue" : null;
  const wasQueued = before.status === "open" && !before.assigneeId && before.waitingSince > 0;
  return wasQueued ? null : "queue";
}

const newMs = 10_000;

/** One that was never heard of counts only if it has just begun to wait: what had been waiting all along does not ring. */
function hasJustCome(one: Conversation): boolean {
  return one.updatedAt - one.waitingSince < newMs;
}
