export type Urgency = "calm" | "amber" | "red";

const amberMs = 30_000;
const redMs = 120_000;

/** How pressing a wait is; the words and the time say it too, never the colour alone. */
export function urgency(waitingMs: number): Urgency {
  if (waitingMs >= redMs) return "red";
  return waitingMs >= amberMs ? "amber" : "calm";
}
