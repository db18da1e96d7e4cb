/** What a page knows of one conversation. All plain data; only `reduce` makes a new one. */

import type { Message, Queued, Rating, ServerFrame, Snapshot, Status, TurnState } from "@miaohui/client";

/** A message of ours that the server's list does not show yet. */
export interface Pending {
  cmid: string;
  text: string;
  /** pending: not confirmed · accepted: durable, `msg` on its way · failed: the visitor decides. */
  state: "pending" | "accepted" | "failed";
  code: string;
  created_at: string;
  turn: string;
  /** The id that its ack named. */
  msg?: string;
}

/** One token stream. Text of two attempts is never joined. */
export interface Stream {
  id: string;
  turn: string;
  attempt: number;
  /** The last delta taken; the next must be `i + 1`. */
  i: number;
  text: string;
  /** The message that this became, once the server said so. */
  msg: string;
  /** Whether a delta is missing, so that the text must not be trusted until a resume. */
  broken: boolean;
}

export interface Turn {
  state: TurnState;
  reason: string;
  retryable: boolean;
  since_ms: number;
}

/** online · connecting (for the first time or again) · refused: coming back does not help. */
export type LinkState = "connecting" | "online" | "offline" | "refused";

export interface State {
  conv: string;
  epoch: string;
  /** The highest `seq` received. */
  seq: number;
  status: Status;
  messages: Message[];
  pending: Pending[];
  streams: Record<string, Stream>;
  turns: Record<string, Turn>;
  /** Who types, by name; empty when nobody does. */
  typing: string;
  /** Everything up to this `seq` was looked at. */
  seen: number;
  link: LinkState;
  /** The place in the queue, as it was told last; null while nobody is waited for. */
  place: Queued | null;
}

export type Action =
  | { t: "opened"; snapshot: Snapshot | null; now_ms: number }
  | { t: "queued"; pending: Pending }
  | { t: "retried"; cmid: string }
  | { t: "gave_up"; cmid: string; code: string }
  | { t: "dropped"; cmid: string }
  | { t: "looked" }
  | { t: "rated"; id: string; rating: Rating }
  | { t: "link"; link: LinkState }
  | { t: "frame"; frame: ServerFrame; now_ms: number };

export const EMPTY: State = {
  conv: "",
  epoch: "",
  seq: 0,
  status: "pending",
  messages: [],
  pending: [],
  streams: {},
  turns: {},
  typing: "",
  seen: 0,
  link: "connecting",
  place: null,
};
