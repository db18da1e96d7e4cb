/** One WebSocket that comes back by itself: what is watched on it goes on where it was. */

import { backoffMs, mayReturn } from "./backoff.js";
import type { Access } from "./transport.js";
import type { ClientFrame, ResumeFrom, ServerFrame } from "./wire.js";

/** `refused`: coming back does not help. */
export type LineState = "connecting" | "open" | "lost" | "offline" | "refused";

/** A frame as it came; `t` says what it is. A newer server may send kinds that are not known here. */
export interface Frame {
  readonly t: string;
  readonly conv?: unknown;
}

/** Who follows one conversation. */
export interface Watcher {
  /** Asked at once when the line is open, and again after each reconnect, so that nothing is missed. */
  readonly position: () => Omit<ResumeFrom, "conv">;
  readonly take: (frame: ServerFrame) => void;
}

type Take = (frame: Frame) => void;

/** What the feed tells beside conversations, though it may name one. */
const OF_EVERYBODY = new Set(["presence.updated", "mention.created", "ticket.updated"]);
const SILENCE_FACTOR = 2.5;
const STABLE_MS = 5000;
const RENEWAL_MS = 20_000;
const MOST_RENEWALS = 3;

/** The tenant's feed (agents), and the conversations that are looked at. Starts when told to. */
export class Line {
  readonly #states = new Set<(state: LineState) => void>();
  readonly #welcomes = new Set<() => void>();
  readonly #watchers = new Map<string, Watcher>();
  readonly #feeds = new Set<Take>();
  readonly #viewers = new Map<string, Take>();
  #state: LineState = "connecting";
  #socket: WebSocket | null = null;
  #failures = 0;
  /** Within which time to come back, as the server said last. */
  #asked: readonly [number, number] | undefined;
  #wake: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setInterval> | undefined;
  #beatMs = 25_000;
  #running = false;
  #token = "";
  #greeted = false;

  constructor(
    private readonly base: string,
    private readonly access: Access,
    /** Of this page or program; two of one device are told apart by it. */
    private readonly device: () => string,
  ) {}

  get state(): LineState {
    return this.#state;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    if (typeof window !== "undefined") {
      window.addEventListener("online", this.retry);
      window.addEventListener("offline", this.#onOffline);
    }
    void this.#connect();
  }

  stop(): void {
    this.#running = false;
    if (typeof window !== "undefined") {
      window.removeEventListener("online", this.retry);
      window.removeEventListener("offline", this.#onOffline);
    }
    clearTimeout(this.#wake);
    clearTimeout(this.#silence);
    clearInterval(this.#renewal);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#become("connecting");
  }

  /** Tells whenever the state changed; the answer ends that, as with all below. */
  onState(take: (state: LineState) => void): () => void {
    this.#states.add(take);
    return () => this.#states.delete(take);
  }

  /** Each time the line is open anew. Whoever shows a list reads it again: the feed itself has no memory. */
  onWelcome(take: () => void): () => void {
    this.#welcomes.add(take);
    return () => this.#welcomes.delete(take);
  }

  /** Every frame of one conversation. */
  watch(conversationId: string, watcher: Watcher): () => void {
    this.#watchers.set(conversationId, watcher);
    if (this.#state === "open") this.#ask(conversationId, watcher);
    return () => {
      if (this.#watchers.get(conversationId) !== watcher) return;
      this.#watchers.delete(conversationId);
      this.send({ t: "unwatch", conv: conversationId });
    };
  }

  /** What happens to any conversation, and beside them. */
  onFeed(take: Take): () => void {
    this.#feeds.add(take);
    return () => this.#feeds.delete(take);
  }

  /** Who else looks at one conversation, whenever that changes. */
  onViewers(conversationId: string, take: Take): () => void {
    this.#viewers.set(conversationId, take);
    return () => {
      if (this.#viewers.get(conversationId) === take) this.#viewers.delete(conversationId);
    };
  }

  /** Says something now, or not at all: what must arrive goes by `Talk.say`. */
  send(frame: ClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Opens it now, whatever the back-off says. */
  retry = (): void => {
    if (!this.#running || this.#state === "open") return;
    clearTimeout(this.#wake);
    this.#socket?.close();
    void this.#connect();
  };

  async #connect(): Promise<void> {
    if (this.#state !== "lost") this.#become("connecting");
    const token = await this.#key();
    if (!this.#running) return;
    if (!token) return this.#later();
    const socket = new WebSocket(`${originOf(this.base).replace(/^http/, "ws")}/v1/ws`);
    this.#socket = socket;
    this.#token = token;
    this.#greeted = false;
    const opened = Date.now();
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = (event) => this.#take(String(event.data));
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      clearTimeout(this.#silence);
      if (Date.now() - opened > STABLE_MS) this.#failures = 0;
      if (mayReturn(event.code)) return this.#later();
      void this.#renewed(event.code);
    };
  }

  async #key(): Promise<string> {
    try {
      return await this.access.key();
    } catch {
      return "";
    }
  }

  #hello(): ClientFrame {
    return { t: "hello", v: 1, token: this.#token, device: this.device(), resume: [] };
  }

  async #renewed(code: number): Promise<void> {
    const mayTry = code === 4500 && this.#failures < MOST_RENEWALS;
    // Who cannot be reached now may renew it later.
    const again = mayTry && (await this.access.renew?.().catch(() => true));
    if (again) this.#later();
    else this.#become("refused");
  }

  #later(): void {
    if (!this.#running) return;
    this.#become(typeof navigator !== "undefined" && navigator.onLine === false ? "offline" : "lost");
    clearTimeout(this.#wake);
    const [least, most] = this.#asked ?? [0, backoffMs(this.#failures, 1)];
    this.#wake = setTimeout(() => void this.#connect(), least + Math.random() * (most - least));
    this.#failures += this.#asked ? 0 : 1;
    this.#asked = undefined;
  }

  #onOffline = (): void => {
    this.#become("offline");
    this.#socket?.close();
  };

  #take(text: string): void {
    this.#listen();
    const frame = JSON.parse(text) as Frame & { hb?: number; reconnect_in_ms?: [number, number] };
    if (frame.t === "goaway") this.#asked = frame.reconnect_in_ms;
    if (frame.t === "welcome") this.#welcome(frame.hb ?? 25);
    else if (frame.t === "hb") this.send({ t: "hb" });
    else this.#deliver(frame);
  }

  #welcome(beatS: number): void {
    if (this.#greeted) return;
    this.#greeted = true;
    this.#beatMs = beatS * 1000;
    this.#failures = 0;
    this.#become("open");
    this.#renewLater();
    this.send({ t: "feed", on: true });
    for (const [id, watcher] of this.#watchers) this.#ask(id, watcher);
    for (const take of [...this.#welcomes]) take();
  }

  #ask(conversationId: string, watcher: Watcher): void {
    this.send({ t: "watch", conv: conversationId, ...watcher.position() });
  }

  /** Before the token of this socket runs out, a second hello brings the new one. */
  #renewLater(): void {
    clearInterval(this.#renewal);
    this.#renewal = setInterval(async () => {
      const token = await this.#key();
      if (!token || token === this.#token || this.#state !== "open") return;
      this.#token = token;
      this.send(this.#hello());
    }, RENEWAL_MS);
  }

  /** Deltas name their stream only: every watcher hears them, and knows its own. */
  #deliver(frame: Frame): void {
    const conversation = typeof frame.conv === "string" ? frame.conv : "";
    if (frame.t === "conv") this.#changed(frame);
    else if (OF_EVERYBODY.has(frame.t)) for (const take of this.#feeds) take(frame);
    else if (frame.t === "viewers") this.#viewers.get(conversation)?.(frame);
    else if (conversation) this.#watchers.get(conversation)?.take(frame as ServerFrame);
    else for (const watcher of this.#watchers.values()) watcher.take(frame as ServerFrame);
  }

  #changed(frame: Frame): void {
    for (const take of this.#feeds) take(frame);
    const { id } = frame.conv as { id: string };
    this.#watchers.get(id)?.take(frame as ServerFrame);
  }

  /** A server that says nothing for more than two heartbeats is gone, whatever the socket believes. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket?.close(4012), this.#beatMs * SILENCE_FACTOR);
  }

  #become(state: LineState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const take of [...this.#states]) take(state);
  }
}

/** Without a base it is the server that the page came from. */
const originOf = (base: string): string => base || `${location.protocol}//${location.host}`;
