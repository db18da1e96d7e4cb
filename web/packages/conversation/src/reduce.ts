/** The whole behaviour of a conversation on the page, as one pure function. */

import type { Ack, Message, Resumed, ServerFrame, Snapshot, Status, StreamFrame } from "@miaohui/client";
import { sha256 } from "./sha256";
import { type Action, EMPTY, type Pending, type State, type Stream, type Turn } from "./state";

/** A running turn older than this is no longer waited for; the server's own deadline is 60 s. */
const TURN_PATIENCE_MS = 90_000;

export function reduce(state: State, action: Action): State {
  switch (action.t) {
    case "opened":
      return opened(state, action.snapshot, action.now_ms);
    case "queued":
      return { ...state, pending: [...state.pending, action.pending] };
    case "retried":
      return patchPending(state, action.cmid, { state: "pending", code: "" });
    case "gave_up":
      return patchPending(state, action.cmid, { state: "failed", code: action.code });
    case "dropped":
      return { ...state, pending: state.pending.filter((one) => one.cmid !== action.cmid) };
    case "looked":
      return state.seen === state.seq ? state : { ...state, seen: state.seq };
    case "rated":
      return {
        ...state,
        messages: state.messages.map((one) =>
          one.id === action.id ? { ...one, rating: action.rating } : one,
        ),
      };
    case "link":
      return state.link === action.link ? state : { ...state, link: action.link };
    case "frame":
      return framed(state, action.frame, action.now_ms);
  }
}

/** Messages of others that came since the visitor last looked. */
export function unread(state: State): number {
  return state.messages.filter(
    (one) => one.seq > state.seen && one.kind === "text" && one.sender.kind !== "visitor",
  ).length;
}

/** The turn that the visitor waits for now, or "" when none is. */
export function runningTurn(state: State, now_ms: number): string {
  for (const [id, turn] of Object.entries(state.turns)) {
    if (turn.state === "running" && now_ms - turn.since_ms < TURN_PATIENCE_MS) return id;
  }
  return "";
}

function opened(state: State, snapshot: Snapshot | null, now_ms: number): State {
  const fresh = { ...EMPTY, link: state.link };
  if (!snapshot) return { ...fresh, pending: state.pending };
  const next: State = {
    ...fresh,
    conv: snapshot.id,
    epoch: snapshot.epoch,
    seq: snapshot.last_seq,
    status: snapshot.status,
    messages: [...snapshot.messages].sort((a, b) => a.seq - b.seq),
    seen: snapshot.last_seq,
    pending: without(state.pending, snapshot.messages),
  };
  const last = next.messages[next.messages.length - 1];
  if (!last?.turn || last.sender.kind !== "visitor" || next.status !== "pending") return next;
  const age_ms = now_ms - Date.parse(last.created_at);
  return age_ms < TURN_PATIENCE_MS ? started(next, last.turn, now_ms) : next;
}

function framed(state: State, frame: ServerFrame, now_ms: number): State {
  switch (frame.t) {
    case "resumed":
      return frame.conv === state.conv ? resumed(state, frame) : state;
    case "ack":
      return acked(state, frame, now_ms);
    case "msg":
      return frame.conv === state.conv || !state.conv ? posted(state, frame, now_ms) : state;
    case "stream.open":
    case "stream.delta":
    case "stream.reset":
    case "stream.end":
      return streamed(state, frame, now_ms);
    case "turn.end":
      return ended(state, frame.turn, {
        state: frame.state,
        reason: frame.reason ?? "",
        retryable: frame.retryable ?? false,
        since_ms: now_ms,
      });
    case "conv":
      return frame.conv.id === state.conv ? standing(state, frame.conv) : state;
    case "queue.updated":
      return frame.conv === state.conv ? { ...state, place: frame } : state;
    case "typing":
      return frame.conv === state.conv ? { ...state, typing: frame.on ? frame.who : "" } : state;
    default:
      return state;
  }
}

/** Whoever is served, or waits no longer, has no place any more. */
function standing(state: State, { status, assignee_id }: { status: Status; assignee_id?: string }): State {
  return { ...state, status, place: status === "open" && !assignee_id ? state.place : null };
}

function resumed(state: State, frame: Resumed): State {
  if (frame.recovered || !frame.snapshot) return { ...state, epoch: frame.epoch };
  const { messages, seq, status } = frame.snapshot;
  return {
    ...state,
    epoch: frame.epoch,
    seq,
    status: status ?? state.status,
    messages: [...messages].sort((a, b) => a.seq - b.seq),
    streams: {},
    pending: without(state.pending, messages),
    seen: Math.min(state.seen, seq),
  };
}

function acked(state: State, ack: Ack, now_ms: number): State {
  const next = patchPending(state, ack.cmid, {
    state: "accepted",
    code: "",
    turn: ack.turn ?? "",
    msg: ack.msg,
  });
  next.pending = without(next.pending, state.messages);
  const moved = ack.conv && !state.conv ? { ...next, conv: ack.conv, epoch: ack.epoch ?? "" } : next;
  return ack.turn && owed(state) ? started(moved, ack.turn, now_ms) : moved;
}

function posted(state: State, frame: { conv: string; epoch: string; msg: Message }, now_ms: number): State {
  const { msg } = frame;
  if (frame.epoch !== state.epoch && state.epoch) return state;
  const others = state.messages.filter((one) => one.id !== msg.id);
  const known = others.length !== state.messages.length;
  const next: State = {
    ...state,
    conv: frame.conv,
    epoch: frame.epoch,
    seq: Math.max(state.seq, msg.seq),
    messages: [...others, msg].sort((a, b) => a.seq - b.seq),
    pending: without(state.pending, [msg]),
    streams: settle(state.streams, msg),
    typing: "",
  };
  if (known || !msg.turn) return next;
  if (msg.sender.kind === "visitor") return owed(state) ? started(next, msg.turn, now_ms) : next;
  return msg.final
    ? ended(next, msg.turn, { state: "answered", reason: "", retryable: false, since_ms: now_ms })
    : next;
}

function streamed(state: State, frame: StreamFrame, now_ms: number): State {
  if (frame.t === "stream.open") {
    if (frame.conv !== state.conv) return state;
    const old = state.streams[frame.stream];
    if (old && old.attempt >= frame.attempt) return patchStream(state, { ...old, turn: frame.turn });
    const stream = blank(frame.stream, frame.turn, frame.attempt);
    return started(patchStream(state, stream), frame.turn, now_ms);
  }
  // A stream begins with its opening. What comes of one that is not known belongs to an answer that already stands.
  const old = state.streams[frame.stream];
  if (!old || frame.attempt < old.attempt) return state;
  const stream = frame.attempt > old.attempt ? blank(old.id, old.turn, frame.attempt) : old;
  if (frame.t === "stream.reset") return patchStream(state, stream);
  if (frame.t === "stream.delta") return patchStream(state, extended(stream, frame.i, frame.text));
  return concluded(state, stream, frame);
}

function blank(id: string, turn: string, attempt: number): Stream {
  return { id, turn, attempt, i: 0, text: "", msg: "", broken: false };
}

function extended(stream: Stream, i: number, text: string): Stream {
  if (i <= stream.i) return stream;
  if (i > stream.i + 1) return { ...stream, broken: true };
  return { ...stream, i, text: stream.text + text, broken: false };
}

function concluded(state: State, stream: Stream, end: StreamFrame & { t: "stream.end" }): State {
  const whole = stream.i === end.n && sha256(stream.text) === end.sha256;
  const final = state.messages.find((one) => one.id === end.msg);
  if (final) return { ...state, streams: omit(state.streams, stream.id) };
  // Text that is known to be wrong is not shown; the message is on its way.
  return patchStream(state, { ...stream, msg: end.msg, text: whole ? stream.text : "" });
}

/** The durable message wins over whatever was streamed, so its stream is let go. */
function settle(streams: State["streams"], msg: Message): State["streams"] {
  const entry = Object.values(streams).find(
    (one) => one.msg === msg.id || (msg.final && one.turn === msg.turn),
  );
  return entry ? omit(streams, entry.id) : streams;
}

/** Whether the assistant owes an answer to what is said now; with a person, a turn has ended as it began. */
function owed({ status }: State): boolean {
  return status !== "open";
}

function started(state: State, turn: string, now_ms: number): State {
  if (state.turns[turn]) return state;
  const entry: Turn = { state: "running", reason: "", retryable: false, since_ms: now_ms };
  return { ...state, turns: { ...state.turns, [turn]: entry } };
}

function ended(state: State, turn: string, end: Turn): State {
  const answered = end.state === "answered";
  const kept = Object.values(state.streams).filter((one) => answered || one.turn !== turn || one.msg);
  return {
    ...state,
    turns: { ...state.turns, [turn]: end },
    streams: Object.fromEntries(kept.map((one) => [one.id, one])),
  };
}

/** What the list shows, by client id or by the id of its ack, is no longer pending. */
function without(pending: Pending[], messages: Message[]): Pending[] {
  return pending.filter((one) => !messages.some(({ cmid, id }) => cmid === one.cmid || id === one.msg));
}

function patchPending(state: State, cmid: string, change: Partial<Pending>): State {
  return {
    ...state,
    pending: state.pending.map((one) => (one.cmid === cmid ? { ...one, ...change } : one)),
  };
}

function patchStream(state: State, stream: Stream): State {
  return { ...state, streams: { ...state.streams, [stream.id]: stream } };
}

function omit(streams: State["streams"], id: string): State["streams"] {
  const { [id]: _gone, ...rest } = streams;
  return rest;
}
