/** A conversation that is alive: holds the state, keeps a link open, and sees every message through to its end. */

import {
  backoffMs,
  type ClientFrame,
  mayReturn,
  type Rating,
  type ServerFrame,
  type Snapshot,
} from "@miaohui/client";
import type { Link, OpenLink } from "./link";
import { loadPending, newCmid, type Shelf, savePending } from "./outbox";
import { reduce, runningTurn } from "./reduce";
import { type Action, EMPTY, type State } from "./state";

export interface Surroundings {
  /** From the best way to the last resort; a way that never says welcome is left after two tries. */
  ways: readonly OpenLink[];
  token(): string;
  device: string;
  shelf: Shelf;
  /** Where unconfirmed messages are kept. */
  key: string;
  now(): number;
  random(): number;
  /** Calls back after `ms`; the answer cancels. */
  later(ms: number, run: () => void): () => void;
  /** Told when the server refuses for good, for example because the token is void. */
  refused?(code: number): void;
}

const WELCOME_MS = 8_000;
const ACK_MS = 10_000;
const PONG_GRACE_MS = 10_000;
const TRIES_PER_WAY = 2;
const SENDS_BEFORE_GIVING_UP = 6;
const OFFLINE_AFTER_MS = 1_500;

export class Client {
  private readonly around: Surroundings;
  /** Never changed in place; watch it with `subscribe`. */
  state: State = EMPTY;
  private readonly watchers = new Set<(state: State) => void>();
  private link: Link | undefined;
  private welcomed = false;
  private wanted = false;
  private way = 0;
  private fails = 0;
  private retry_after_ms = -1;
  private hb_ms = 0;
  private timers: Record<string, () => void> = {};
  /** How often each unconfirmed message was sent. */
  private readonly sends = new Map<string, number>();
  /** What was sent over the present link and not answered. */
  private readonly flying = new Set<string>();

  constructor(around: Surroundings) {
    this.around = around;
  }

  subscribe(watcher: (state: State) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Begins with what the session knew, picks up unconfirmed messages, and connects. */
  open(snapshot: Snapshot | null): void {
    this.apply({ t: "opened", snapshot, now_ms: this.around.now() });
    const known = new Set(this.state.messages.map((one) => one.cmid));
    for (const one of loadPending(this.around.shelf, this.around.key)) {
      if (known.has(one.cmid) || this.state.pending.some((other) => other.cmid === one.cmid)) continue;
      const state = one.state === "accepted" ? "pending" : one.state;
      this.apply({ t: "queued", pending: { ...one, state } });
    }
    this.connect();
  }

  /** Opens a link now, whatever the back-off says; for "the network is back" and "the page is visible". */
  connect(): void {
    this.wanted = true;
    if (this.link) return;
    this.forget("again");
    this.dial();
  }

  /** Ends the link and every timer; the state stays. */
  close(): void {
    this.wanted = false;
    this.hangUp();
    for (const name of Object.keys(this.timers)) this.forget(name);
  }

  /** Leaves the conversation behind; the next message begins a new one. */
  startOver(): void {
    this.hangUp();
    this.apply({ t: "opened", snapshot: null, now_ms: this.around.now() });
    for (const one of this.state.pending) this.apply({ t: "dropped", cmid: one.cmid });
    this.connect();
  }

  /** Shows the message at once and sends it as soon as that is possible. Returns its client id. */
  send(text: string, cmid = newCmid(this.around.now(), this.around.random)): string {
    const created_at = new Date(this.around.now()).toISOString();
    const queued = { cmid, text, state: "pending" as const, code: "", created_at, turn: "" };
    this.apply({ t: "queued", pending: queued });
    this.hurry();
    this.flush();
    return cmid;
  }

  retry(cmid: string): void {
    this.sends.delete(cmid);
    this.apply({ t: "retried", cmid });
    this.connect();
    this.flush();
  }

  drop(cmid: string): void {
    this.apply({ t: "dropped", cmid });
  }

  /** Asks the assistant to stop; what it said so far stays. */
  cancel(): void {
    const turn = runningTurn(this.state, this.around.now());
    if (turn) this.emit({ t: "cancel", turn });
  }

  looked(): void {
    const before = this.state.seen;
    this.apply({ t: "looked" });
    const { conv, seq, seen } = this.state;
    if (conv && seen !== before) this.emit({ t: "seen", conv, seq });
  }

  rated(id: string, rating: Rating): void {
    this.apply({ t: "rated", id, rating });
  }

  /** For what came by another way than the link, such as the answer of a REST call. */
  take(frame: ServerFrame): void {
    this.apply({ t: "frame", frame, now_ms: this.around.now() });
  }

  /** Who has something to say does not wait for the turn that is drawn for a crowd of silent ones. */
  private hurry(): void {
    if (this.wanted && !this.link) this.connect();
  }

  private dial(): void {
    const { ways } = this.around;
    const openWay = ways[Math.min(this.way, ways.length - 1)];
    if (!openWay) return;
    this.welcomed = false;
    const link = openWay({
      open: () => this.link === link && this.hello(),
      frame: (frame) => this.link === link && this.receive(frame),
      closed: (code) => this.link === link && this.closed(code),
    });
    this.link = link;
    this.after("welcome", WELCOME_MS, () => link.close());
    if (this.state.link !== "online") this.after("offline", OFFLINE_AFTER_MS, () => this.show("offline"));
  }

  private hello(): void {
    const { conv, epoch, seq, streams } = this.state;
    const alive = Object.values(streams).filter((one) => !one.msg);
    const positions = alive.map(({ id, attempt, i }) => ({ id, attempt, i }));
    const resume = conv ? [{ conv, epoch, seq, streams: positions }] : [];
    this.emit({ t: "hello", v: 1, token: this.around.token(), device: this.around.device, resume }, true);
  }

  private receive(frame: ServerFrame): void {
    this.listenFor(this.hb_ms);
    const whole = !broken(this.state);
    if (frame.t === "welcome") this.welcome(frame.hb);
    if (frame.t === "hb") this.emit({ t: "hb" });
    if (frame.t === "goaway") this.goAway(frame.reconnect_in_ms ?? [0, 8000]);
    this.take(frame);
    if (frame.t === "ack") this.acked(frame.cmid);
    if (frame.t === "nack")
      this.refused(frame.cmid, frame.code, frame.retryable ?? false, frame.retry_after_ms ?? 0);
    // Once per gap: until the new link has filled it, each of its frames would end it again.
    if (whole && broken(this.state)) this.hangUp("resync");
  }

  private welcome(hb: number): void {
    this.forget("welcome");
    this.forget("offline");
    this.welcomed = true;
    this.flying.clear();
    this.fails = 0;
    this.hb_ms = hb * 1000;
    this.listenFor(this.hb_ms);
    this.show("online");
    this.flush();
  }

  private listenFor(hb_ms: number): void {
    if (hb_ms) this.after("silence", hb_ms + PONG_GRACE_MS, () => this.link?.close());
  }

  private goAway([least, most]: [number, number]): void {
    this.retry_after_ms = least + this.around.random() * (most - least);
  }

  private closed(code: number): void {
    this.link = undefined;
    for (const name of ["welcome", "silence", "ack"]) this.forget(name);
    if (!this.wanted) return;
    if (!mayReturn(code)) {
      this.wanted = false;
      this.forget("offline");
      this.show("refused");
      this.around.refused?.(code);
      return;
    }
    // A way that says when to come is a way that works.
    const asked = this.retry_after_ms >= 0;
    if (!this.welcomed && !asked && this.fails % TRIES_PER_WAY === TRIES_PER_WAY - 1) this.nextWay();
    this.after("offline", OFFLINE_AFTER_MS, () => this.show("offline"));
    const wait = asked ? this.retry_after_ms : backoffMs(this.fails, this.around.random());
    this.retry_after_ms = -1;
    if (!asked) this.fails += 1;
    this.after("again", wait, () => this.dial());
  }

  /** After the last way the first is tried again: a proxy may have changed its mind. */
  private nextWay(): void {
    this.way = (this.way + 1) % this.around.ways.length;
  }

  private hangUp(then?: "resync"): void {
    const link = this.link;
    this.link = undefined;
    this.forget("silence");
    this.forget("ack");
    link?.close();
    if (then && this.wanted) this.dial();
  }

  /** Sends what waits, in the order it was typed. Until a conversation exists only its first message goes. */
  private flush(): void {
    if (!this.link || !this.welcomed) return;
    const { conv, pending } = this.state;
    const waiting = pending.filter((one) => one.state === "pending");
    for (const { cmid, text } of conv ? waiting : waiting.slice(0, 1)) {
      if (this.flying.has(cmid)) continue;
      this.flying.add(cmid);
      this.sends.set(cmid, (this.sends.get(cmid) ?? 0) + 1);
      this.emit({ t: "send", ...(conv ? { conv } : {}), cmid, body: { type: "text", text } });
      this.after("ack", ACK_MS, () => this.link?.close());
    }
  }

  private acked(cmid: string): void {
    this.sends.delete(cmid);
    this.landed(cmid);
    this.flush();
  }

  private landed(cmid: string): void {
    this.flying.delete(cmid);
    if (!this.flying.size) this.forget("ack");
  }

  private refused(cmid: string, code: string, retryable: boolean, after_ms: number): void {
    this.landed(cmid);
    const tries = this.sends.get(cmid) ?? 0;
    if (!retryable || tries >= SENDS_BEFORE_GIVING_UP || after_ms > ACK_MS) {
      this.sends.delete(cmid);
      this.apply({ t: "gave_up", cmid, code });
    } else {
      const wait = after_ms || backoffMs(tries, this.around.random());
      this.after(`nack-${cmid}`, wait, () => this.flush());
    }
  }

  private emit(frame: ClientFrame, greeting = false): void {
    if (greeting || this.welcomed) this.link?.send(frame);
  }

  private show(link: State["link"]): void {
    this.apply({ t: "link", link });
  }

  private after(name: string, ms: number, run: () => void): void {
    this.forget(name);
    this.timers[name] = this.around.later(ms, () => {
      delete this.timers[name];
      run();
    });
  }

  private forget(name: string): void {
    this.timers[name]?.();
    delete this.timers[name];
  }

  private apply(action: Action): void {
    const before = this.state;
    const after = reduce(before, action);
    if (after === before) return;
    this.state = after;
    if (after.pending !== before.pending) savePending(this.around.shelf, this.around.key, after.pending);
    for (const watcher of [...this.watchers]) watcher(after);
  }
}

/** Whether a piece of an answer is missing that only a resume can bring. */
function broken({ streams }: State): boolean {
  return Object.values(streams).some((one) => one.broken && !one.msg);
}
