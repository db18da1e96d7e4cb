import type { Attempt, Webhook } from "../api/webhooks";

export type Standing = "on" | "failing" | "off";

/** How an endpoint stands: told, told in vain, or told nothing. */
export function standingOf(webhook: Pick<Webhook, "enabled" | "failing_since">): Standing {
  if (!webhook.enabled) return "off";
  return webhook.failing_since ? "failing" : "on";
}

/** Whether an attempt arrived; a test may have, or not. */
export function arrived(attempt: Pick<Attempt, "status">): boolean {
  return attempt.status >= 200 && attempt.status < 300;
}

/** An address that may be told: checked here for what a hand mistypes; the server decides. */
export function mayBeTold(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** So many hours ago, to the second: the form the server takes. */
export function hoursAgo(hours: number, nowMs: number): string {
  return new Date(nowMs - hours * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
}
