import type { Outgoing } from "./thread";

const prefix = "miaohui.console.outbox.";
const freshMs = 3_600_000;

/** What was sent and not confirmed outlives a reload; for an hour, after which nobody waits for it. */
export function readOutbox(id: string, nowMs: number): Outgoing[] {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix + id) ?? "[]") as Outgoing[];
    return kept
      .filter((one) => nowMs - Date.parse(one.created_at) < freshMs)
      .map((one) => ({ ...one, state: "failed", code: "offline" }));
  } catch {
    return [];
  }
}

export function keepOutbox(id: string, pending: readonly Outgoing[]): void {
  try {
    if (pending.length > 0) localStorage.setItem(prefix + id, JSON.stringify(pending));
    else localStorage.removeItem(prefix + id);
  } catch {
    // Without storage it lasts as long as the page.
  }
}

const passing: ReadonlySet<string> = new Set([
  "offline",
  "unavailable",
  "stopping",
  "overloaded",
  "internal",
]);

/** Whether to send it again by itself once the line is back: the server was not there, or could not just then. */
export function goesAgain(words: Outgoing, nowMs: number): boolean {
  const gone = words.code.startsWith("http_5") || passing.has(words.code);
  return words.state === "failed" && gone && nowMs - Date.parse(words.created_at) < freshMs;
}
