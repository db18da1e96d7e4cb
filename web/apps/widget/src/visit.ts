/** One visitor on one site: the session, the conversation, and what the window shows of them. */

import type { Citation, Rating, WidgetSession } from "@miaohui/client";
import { Client } from "@miaohui/conversation/client";
import type { Endpoint, Link, LinkEvents } from "@miaohui/conversation/link";
import { newCmid } from "@miaohui/conversation/outbox";
import { unread } from "@miaohui/conversation/reduce";
import { openSocket } from "@miaohui/conversation/socket";
import { EMPTY, type State } from "@miaohui/conversation/state";
import { Server, ServerError, type SessionRequest } from "./server";
import { keep, shelf } from "./shelf";
import type { Shell } from "./shell";
import { fetchParts } from "./view/late";
import type { Words } from "./words";

export interface Card {
  kind: "product" | "order";
  title: string;
  note: string;
  image: string;
}

/** Everything the window is drawn from. */
export interface Scene {
  open: boolean;
  hidden: boolean;
  words: Words;
  session: WidgetSession | null;
  sessionFailed: boolean;
  talk: State;
  draft: string;
  card: Card | null;
  /** Pictures go with the next words. */
  laden: boolean;
  source: Citation | null;
  human: "" | "asking" | "failed";
}

const SESSION_RETRY_MS = 4_000;

export class Visit {
  scene: Scene;
  /** What the page told of the visitor; stays in the page. */
  readonly context: Record<string, unknown> = {};
  readonly server: Server;
  /** Takes the words into a message with pictures, where there are some; says whether it did. */
  carry: (words: string, below: string) => boolean = () => false;
  /** Wears the styles of what comes later. */
  dressed = false;
  private client: Client | undefined;
  private opening: Promise<void> | undefined;
  private identity = "";
  private said = { unread: 0, seq: 0 };
  private watchers = new Set<() => void>();

  constructor(
    readonly shell: Shell,
    words: Words,
  ) {
    const { options } = shell;
    this.server = new Server(options.base);
    this.scene = {
      open: false,
      hidden: options.bubble === "off",
      words,
      session: null,
      sessionFailed: false,
      talk: EMPTY,
      draft: shelf.getItem(this.key("draft")) ?? "",
      card: null,
      laden: false,
      source: null,
      human: "",
    };
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
  }

  /** A visitor who has talked before is connected at once, so that the badge tells of an answer. */
  begin(): void {
    if (shelf.getItem(this.key("token"))) void this.enter();
  }

  end(): void {
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.client?.close();
  }

  watch(watcher: () => void): void {
    this.watchers.add(watcher);
  }

  show(change: Partial<Scene>): void {
    this.scene = { ...this.scene, ...change };
    for (const watcher of this.watchers) watcher();
  }

  /** Opens the session once; resolves when the conversation may be used. */
  enter(): Promise<void> {
    this.opening ??= this.openSession().catch((error: unknown) => {
      this.opening = undefined;
      this.show({ sessionFailed: true });
      this.shell.emit("error", error);
      const asked = error instanceof ServerError && error.after_ms;
      // Never the same for all: a crowd that lost its server must not come back as one.
      const wait = asked ? asked * (1 + Math.random() / 4) : SESSION_RETRY_MS * (0.5 + Math.random());
      setTimeout(() => void this.enter().catch(() => undefined), wait);
      throw error;
    });
    return this.opening;
  }

  /** Sends at once what can be sent, and keeps the rest until it can. `all`: with the pictures below the field. */
  async say(text: string, all?: boolean): Promise<void> {
    const words = text.trim();
    const { card } = this.scene;
    const label = card && this.scene.words.say(`composer.${card.kind}`);
    const below = card ? `\n▸ ${label} ${[card.title, card.note].filter(Boolean).join(" · ")}` : "";
    const carried = all && this.carry(words, below);
    if (!words && !carried) return;
    this.show({ card: null, source: null });
    if (carried) return;
    await this.enter();
    this.post(words + below);
  }

  /** Says it under this client id; nothing while there is no session. */
  post(text: string, cmid?: string): string | undefined {
    return this.client?.send(text, cmid);
  }

  retry(cmid: string): void {
    this.client?.retry(cmid);
  }

  drop(cmid: string): void {
    this.client?.drop(cmid);
  }

  stop(): void {
    this.client?.cancel();
  }

  reconnect(): void {
    if (this.client) this.client.connect();
    else void this.enter().catch(() => undefined);
  }

  looked(): void {
    if (this.scene.open && !document.hidden) this.client?.looked();
  }

  write(draft: string): void {
    this.mark("draft", draft);
    this.show({ draft });
  }

  /** Keeps a word for the next page; an empty one is forgotten. */
  mark(name: string, value: string): void {
    keep(this.key(name), value);
  }

  /** One tap to a person; a conversation is begun for it when there is none. */
  async askHuman(): Promise<void> {
    if (this.scene.human === "asking") return;
    this.show({ human: "asking" });
    try {
      await this.enter();
      const id = this.scene.talk.conv || (await this.beginConversation());
      await this.server.handOff(id);
      this.client?.take({ t: "conv", conv: { id, status: "open" } });
      this.show({ human: "" });
      this.shell.emit("handoff", { conversation: id });
    } catch (error) {
      this.show({ human: "failed" });
      this.shell.emit("error", error);
    }
  }

  async rate(id: string, rating: Rating): Promise<void> {
    const before = this.scene.talk.messages.find((one) => one.id === id)?.rating ?? 0;
    this.client?.rated(id, rating);
    try {
      await this.server.rate(id, rating);
      this.shell.emit("rating", { message: id, rating });
    } catch (error) {
      this.client?.rated(id, before);
      this.shell.emit("error", error);
    }
  }

  readPassage(chunk: string): ReturnType<Server["passage"]> {
    return this.server.passage(chunk);
  }

  startOver(): void {
    this.client?.startOver();
    this.mark("fresh", "1");
    this.show({ human: "", source: null });
  }

  /** Words, greeting and quick questions in another language. */
  async relocate(words: Words): Promise<void> {
    this.show({ words });
    if (!this.scene.session) return;
    const session = await this.requestSession();
    this.show({ session: { ...session, conversation: null } });
  }

  async identify(token: string): Promise<void> {
    this.identity = token;
    await this.reopen();
  }

  async logout(): Promise<void> {
    this.identity = "";
    for (const name of ["token", "draft", "pending", "fresh"]) this.mark(name, "");
    this.server.token = "";
    await this.reopen();
  }

  private async reopen(): Promise<void> {
    this.client?.close();
    this.client = undefined;
    this.opening = undefined;
    this.said = { unread: 0, seq: 0 };
    this.show({
      session: null,
      talk: EMPTY,
      human: "",
      source: null,
      draft: shelf.getItem(this.key("draft")) ?? "",
    });
    if (this.scene.open || this.identity) await this.enter();
  }

  private async openSession(): Promise<void> {
    const session = await this.requestSession();
    this.server.token = session.token;
    this.mark("token", session.token);
    const client = new Client({
      ways: [openSocket, byRest("openEventStream"), byRest("openPolling")].map(
        (open) => (on) => open(this.endpoint(), on),
      ),
      token: () => this.server.token,
      device: newCmid(Date.now(), Math.random),
      shelf,
      key: this.key("pending"),
      now: Date.now,
      random: Math.random,
      later: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      refused: (code) => this.shell.emit("error", new ServerError(code, "refused")),
    });
    this.client = client;
    this.said.seq = session.conversation?.last_seq ?? 0;
    client.subscribe((talk) => this.tell(talk));
    const fresh = shelf.getItem(this.key("fresh")) !== null;
    client.open(fresh ? null : session.conversation);
    this.show({ session, sessionFailed: false, talk: client.state });
    if (session.inbox.pages) void import("./where").then((module) => module.follow(this));
    // Pictures that the last page did not get to send.
    if (shelf.getItem(this.key("pictures"))) void fetchParts(this).then(({ trayOf }) => trayOf(this));
  }

  private async requestSession(): Promise<WidgetSession> {
    const visitor_token = shelf.getItem(this.key("token"));
    const request: SessionRequest = { site_key: this.shell.options.site, locale: this.scene.words.locale };
    if (this.identity) request.identity_token = this.identity;
    if (!visitor_token) return this.server.openSession(request);
    try {
      return await this.server.openSession({ ...request, visitor_token });
    } catch (error) {
      // A token that no longer holds makes a new visitor; any other fault is tried again later.
      if (!(error instanceof ServerError) || error.status !== 401) throw error;
      this.mark("token", "");
      return this.server.openSession(request);
    }
  }

  private async beginConversation(): Promise<string> {
    const { id, epoch } = await this.server.begin();
    const snapshot = { id, epoch: epoch ?? "", status: "pending" as const, last_seq: 0, messages: [] };
    this.client?.close();
    this.client?.open(snapshot);
    return id;
  }

  private tell(talk: State): void {
    if (talk.conv && talk.conv !== this.scene.talk.conv) this.mark("fresh", "");
    this.show({ talk });
    for (const message of talk.messages) {
      if (message.seq > this.said.seq) this.shell.emit("message", message);
    }
    this.said.seq = talk.seq;
    const count = unread(talk);
    if (count !== this.said.unread) this.shell.emit("unread", count);
    this.said.unread = count;
  }

  private wake = (): void => {
    if (!document.hidden) this.client?.connect();
  };

  private endpoint(): Endpoint {
    return { base: this.shell.options.base, token: () => this.server.token };
  }

  private key(name: string): string {
    return `miaohui:${this.shell.options.site}:${name}`;
  }
}

/** The ways without a WebSocket are fetched when one is needed, which is almost never. */
function byRest(name: "openEventStream" | "openPolling"): (at: Endpoint, on: LinkEvents) => Link {
  return (at, on) => {
    const fetched = import("@miaohui/conversation/events").then((module) => module[name](at, on));
    fetched.catch(() => on.closed(1006));
    return {
      send: (frame) => void fetched.then((link) => link.send(frame)),
      close: () => void fetched.then((link) => link.close()),
    };
  };
}
