import type { Message, ResumeFrom } from "@miaohui/client";
import { reduce } from "@miaohui/conversation/reduce";
import { type Action, EMPTY, type Pending, type State } from "@miaohui/conversation/state";
import { line } from "../../../shared/realtime/line";
import { Store } from "../../../shared/store";
import { keepOutbox, readOutbox } from "./outbox";

/** What we sent and the list does not show yet; a note is for colleagues only. */
export interface Outgoing extends Pending {
  readonly note: boolean;
  /** What was written, where `text` is a translation of it. */
  readonly original?: string;
}

export interface Thread {
  readonly state: State;
  /** Whether the messages are here, if only from before the connection was lost. */
  readonly ready: boolean;
  /** Messages older than the snapshot, read on demand. */
  readonly older: readonly Message[];
}

const kept = new Map<string, Store<Thread>>();
const keptAtMost = 30;

/** One conversation's messages; kept for a while, so that going back and forth costs nothing. */
export function threadOf(id: string): Store<Thread> {
  const known = kept.get(id) ?? fresh(id);
  kept.delete(id);
  kept.set(id, known);
  const oldest = kept.keys().next().value;
  if (kept.size > keptAtMost && oldest !== undefined) kept.delete(oldest);
  return known;
}

function fresh(id: string): Store<Thread> {
  const pending = readOutbox(id, Date.now());
  return new Store<Thread>({ state: { ...EMPTY, conv: id, pending }, ready: false, older: [] });
}

export function apply(thread: Store<Thread>, action: Action): void {
  thread.update((now) => {
    const state = reduce(now.state, action);
    if (state.pending !== now.state.pending && (state.pending.length > 0 || now.state.pending.length > 0)) {
      keepOutbox(state.conv, state.pending as Outgoing[]);
    }
    const arrived = action.t === "frame" && action.frame.t === "resumed";
    return { ...now, state, ready: now.ready || arrived };
  });
}

export function addOlder(thread: Store<Thread>, messages: readonly Message[]): void {
  thread.update((now) => {
    const known = new Set(all(now).map((one) => one.id));
    const fresh = messages.filter((one) => !known.has(one.id));
    return { ...now, older: [...fresh, ...now.older].sort((a, b) => a.seq - b.seq) };
  });
}

export function all(thread: Thread): Message[] {
  const shown = new Set(thread.state.messages.map((one) => one.id));
  return [...thread.older.filter((one) => !shown.has(one.id)), ...thread.state.messages];
}

/** Follows a conversation live, from where we were: the first time from its snapshot, later without a hole. */
export function follow(id: string, thread: Store<Thread>): () => void {
  return line.watch(id, {
    position: () => position(thread.get().state),
    take: (frame) => apply(thread, { t: "frame", frame, now_ms: Date.now() }),
  });
}

export function position(state: State): Omit<ResumeFrom, "conv"> {
  const streams = Object.values(state.streams)
    .filter((one) => !one.msg)
    .map((one) => ({ id: one.id, attempt: one.attempt, i: one.i }));
  return { epoch: state.epoch, seq: state.seq, streams };
}

const patienceMs = 90_000;

/** Whether the assistant owns it and owes the visitor's last words an answer. */
export function awaitsAnswer({ state }: Thread, nowMs: number): boolean {
  const last = state.messages.findLast((one) => one.kind === "text");
  const turn = last?.sender.kind === "visitor" ? (last.turn ?? "") : "";
  return (
    state.status === "pending" &&
    turn !== "" &&
    state.turns[turn]?.state === "running" &&
    nowMs - Date.parse(last?.created_at ?? "") < patienceMs
  );
}

const togetherMs = 60_000;

/** Whether a message goes on where the one before it left off: the same sender, the same minute. */
export function follows(message: Message, previous: Message | undefined): boolean {
  if (!previous || previous.kind !== message.kind || message.kind === "activity") return false;
  const same = previous.sender.kind === message.sender.kind && previous.sender.id === message.sender.id;
  return same && Date.parse(message.created_at) - Date.parse(previous.created_at) < togetherMs;
}

/** The assistant's message that a turn ended with; "" while it is not at hand here. */
export function answerOf(conversationId: string, turn: string): string {
  return all(threadOf(conversationId).get()).find((one) => one.turn === turn)?.id ?? "";
}
