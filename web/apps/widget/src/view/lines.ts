/** The thread as the window shows it: settled messages, running streams and what is on its way out, in one order. */

import type { Message } from "@miaohui/client";
import type { Pending, State, Stream } from "@miaohui/conversation/state";

export type Line =
  | { t: "time"; key: string; at: string }
  | { t: "message"; key: string; message: Message; first: boolean }
  | { t: "stream"; key: string; stream: Stream; first: boolean }
  | { t: "pending"; key: string; pending: Pending };

const PAUSE_MS = 5 * 60_000;

export function linesOf(talk: State): Line[] {
  const lines: Line[] = [];
  let last: Message | undefined;
  for (const message of talk.messages) {
    if (message.kind === "note") continue;
    if (!last || Date.parse(message.created_at) - Date.parse(last.created_at) > PAUSE_MS) {
      lines.push({ t: "time", key: `t${message.id}`, at: message.created_at });
      last = undefined;
    }
    lines.push({ t: "message", key: keyOf(message), message, first: !sameVoice(last, message) });
    last = message;
  }
  for (const pending of talk.pending) lines.push({ t: "pending", key: pending.cmid, pending });
  for (const stream of Object.values(talk.streams)) {
    if (stream.text) lines.push({ t: "stream", key: `a${stream.turn || stream.id}`, stream, first: true });
  }
  return lines;
}

/** The name of the person who answers now, or "" while the assistant does or nobody has come yet. */
export function personIn({ status, messages }: State): string {
  if (status !== "open") return "";
  for (const { sender, kind, text } of [...messages].reverse()) {
    if (sender.kind === "agent" && kind === "text") return sender.name ?? "";
    if (kind === "activity") return /^(?:taken_over|claimed|assigned):(.*)/.exec(text)?.[1] ?? "";
  }
  return "";
}

/** An answer keeps the key of the stream it came from, and a sent message that of its sending, so that nothing jumps. */
function keyOf(message: Message): string {
  if (message.final && message.turn) return `a${message.turn}`;
  return message.cmid || message.id;
}

function sameVoice(a: Message | undefined, b: Message): boolean {
  return !!a && a.kind === b.kind && a.sender.kind === b.sender.kind && a.sender.id === b.sender.id;
}

/** "14:05", with its date when that is not today. */
export function timeOf(at: string, locale: string, now = new Date()): string {
  const when = new Date(at);
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  if (when.toDateString() === now.toDateString()) return when.toLocaleTimeString(locale, time);
  return when.toLocaleString(locale, { month: "short", day: "numeric", ...time });
}
