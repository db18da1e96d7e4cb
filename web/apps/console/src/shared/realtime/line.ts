import { freshId } from "../ids";
import { accessToken, refresh } from "../session/session";
import { Store } from "../store";
import { backoffMs, mayReturn } from "./backoff";

export type LineState = "connecting" | "open" | "lost" | "offline" | "refused";

/** A frame as it came; `t` says what it is. */
export interface Frame {
  readonly t: string;
  readonly conv?: unknown;
}

export interface Watcher {
  /** Said at once when the line is open, and again after each reconnect, so that nothing is missed. */
  readonly hello: () => object;
  readonly take: (frame: Frame) => void;
}

/** What the feed tells beside conversations, though it may name one. */
const ofEverybody = new Set(["presence.updated", "mention.created", "ticket.updated"]);
const silenceFactor = 2.5;
const stableMs = 5000;
const renewalMs = 20_000;

/** The one socket of the console: the tenant's feed, and the conversations that are looked at. */
export class Line {
  readonly state = new Store<LineState>("connecting");
  /** Counts welcomes: whoever shows a list reads it again, since the feed itself has no memory. */
  readonly welcomes = new Store(0);
  readonly #watchers = new Map<string, Watcher>();
  readonly #feeds = new Set<(frame: Frame) => void>();
  readonly #viewers = new Map<string, (frame: Frame) => void>();
  #socket: WebSocket | null = null;
  #failures = 0;
  #wake: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setInterval> | undefined;
  #beatMs = 25_000;
  #running = false;
  #token = "";
  #greeted = false;

  start(): void {
    if (this.#running) return;
    this.#running = true;
    window.addEventListener("online", this.retry);
    window.addEventListener("offline", this.#onOffline);
    void this.#connect();
  }

  stop(): void {
    this.#running = false;
    window.removeEventListener("online", this.retry);
    window.removeEventListener("offline", this.#onOffline);
    clearTimeout(this.#wake);
    clearTimeout(this.#silence);
    clearInterval(this.#renewal);
    this.#socket?.close(1000);
    this.#socket = null;
    this.state.set("connecting");
  }

  /** Tells every frame of one conversation until the returned function is called. */
  watch(conversationId: string, watcher: Watcher): () => void {
    this.#watchers.set(conversationId, watcher);
    if (this.state.get() === "open") this.send(watcher.hello());
    return () => {
      if (this.#watchers.get(conversationId) !== watcher) return;
      this.#watchers.delete(conversationId);
      this.send({ t: "unwatch", conv: conversationId });
    };
  }

  onFeed(take: (frame: Frame) => void): () => void {
    this.#feeds.add(take);
    return () => this.#feeds.delete(take);
  }

  /** Who else looks at one conversation, whenever that changes. */
  onViewers(conversationId: string, take: (frame: Frame) => void): () => void {
    this.#viewers.set(conversationId, take);
    return () => {
      if (this.#viewers.get(conversationId) === take) this.#viewers.delete(conversationId);
    };
  }

  send(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  retry = (): void => {
    if (!this.#running || this.state.get() === "open") return;
    clearTimeout(this.#wake);
    this.#socket?.close();
    void this.#connect();
  };

  async #connect(): Promise<void> {
    if (this.state.get() !== "lost") this.state.set("connecting");
    const token = await accessToken().catch(() => "");
    if (!this.#running) return;
    if (!token) return this.#later();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/v1/ws`);
    this.#socket = socket;
    this.#token = token;
    this.#greeted = false;
    const opened = Date.now();
    socket.onopen = () => socket.send(JSON.stringify({ t: "hello", v: 1, token, device: deviceId() }));
    socket.onmessage = (event) => this.#take(String(event.data));
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      clearTimeout(this.#silence);
      if (Date.now() - opened > stableMs) this.#failures = 0;
      if (mayReturn(event.code)) return this.#later();
      void this.#renewed(event.code);
    };
  }

  async #renewed(code: number): Promise<void> {
    const again = code === 4500 && this.#failures < 3 && (await refresh().catch(() => true));
    if (again) this.#later();
    else this.state.set("refused");
  }

  #later(): void {
    if (!this.#running) return;
    this.state.set(navigator.onLine ? "lost" : "offline");
    clearTimeout(this.#wake);
    this.#wake = setTimeout(() => void this.#connect(), backoffMs(this.#failures, Math.random()));
    this.#failures += 1;
  }

  #onOffline = (): void => {
    this.state.set("offline");
    this.#socket?.close();
  };

  #take(text: string): void {
    this.#listen();
    const frame = JSON.parse(text) as Frame & { hb?: number };
    if (frame.t === "welcome") this.#welcome(frame.hb ?? 25);
    else if (frame.t === "hb") this.send(frame);
    else this.#deliver(frame);
  }

  #welcome(beatS: number): void {
    if (this.#greeted) return;
    this.#greeted = true;
    this.#beatMs = beatS * 1000;
    this.#failures = 0;
    this.state.set("open");
    this.#renewLater();
    this.send({ t: "feed", on: true });
    for (const watcher of this.#watchers.values()) this.send(watcher.hello());
    this.welcomes.update((count) => count + 1);
  }

  /** Before the token of this socket runs out, a second hello brings the new one. */
  #renewLater(): void {
    clearInterval(this.#renewal);
    this.#renewal = setInterval(async () => {
      const token = await accessToken().catch(() => "");
      if (!token || token === this.#token || this.state.get() !== "open") return;
      this.#token = token;
      this.send({ t: "hello", v: 1, token, device: deviceId() });
    }, renewalMs);
  }

  /** Deltas name their stream only: every watcher hears them, and knows its own. */
  #deliver(frame: Frame): void {
    const conversation = typeof frame.conv === "string" ? frame.conv : "";
    if (frame.t === "conv") this.#changed(frame);
    else if (ofEverybody.has(frame.t)) for (const take of this.#feeds) take(frame);
    else if (frame.t === "viewers") this.#viewers.get(conversation)?.(frame);
    else if (conversation) this.#watchers.get(conversation)?.take(frame);
    else for (const watcher of this.#watchers.values()) watcher.take(frame);
  }

  #changed(frame: Frame): void {
    for (const take of this.#feeds) take(frame);
    const { id } = frame.conv as { id: string };
    this.#watchers.get(id)?.take(frame);
  }

  /** A server that says nothing for more than two heartbeats is gone, whatever the socket believes. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket?.close(4012), this.#beatMs * silenceFactor);
  }
}

export const line = new Line();

function deviceId(): string {
  const storage = "miaohui.console.device";
  const known = sessionStorage.getItem(storage);
  if (known) return known;
  const fresh = freshId();
  sessionStorage.setItem(storage, fresh);
  return fresh;
}
