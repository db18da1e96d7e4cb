/** One conversation: read it, speak in it, follow it through lost connections, hand it on. */

import { ApiError, Unreachable } from "./errors.js";
import type { Conversation, Event, Message, Page, Priority, Rating } from "./models.js";
import type { Transport } from "./transport.js";

const GIVE_UP = new Set([401, 403, 404, 422]);

// biome-ignore lint/suspicious/noExplicitAny: frames are checked by their kind
type Frame = Record<string, any>;

export class Talk {
  private readonly path: string;

  constructor(
    private readonly transport: Transport,
    readonly id: string,
  ) {
    this.path = `/v1/conversations/${encodeURIComponent(id)}`;
  }

  get(signal?: AbortSignal): Promise<Conversation> {
    return this.transport.ask("GET", this.path, { signal });
  }

  /** The last messages before `before` (of all, when it is 0), in order. */
  async earlier(before = 0, limit = 50): Promise<Message[]> {
    const only = before ? `&before=${before}` : "";
    const page = await this.transport.ask<Page<Message>>(
      "GET",
      `${this.path}/messages?limit=${limit}${only}`,
    );
    return page.data;
  }

  /** Every message after `after`, in order, however many pages that takes. */
  async *messages(after = 0): AsyncGenerator<Message> {
    let cursor = "";
    do {
      const more = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const path = `${this.path}/messages?after=${after}&limit=200${more}`;
      const page: Page<Message> = await this.transport.ask("GET", path);
      yield* page.data;
      cursor = page.next_cursor;
    } while (cursor);
  }

  /** As the visitor or agent whose token this is. Give your own `key` to be safe over a restart of yours, too. */
  say(text: string, options: { note?: boolean; key?: string } = {}): Promise<Message> {
    const body = options.note ? { text, note: true } : { text };
    return this.transport.ask("POST", `${this.path}/messages`, { body, key: options.key });
  }

  /**
   * Everything that happens, from `position` (the newest, when empty) until the caller has enough. Comes back by
   * itself after a lost connection, without a gap and without showing anything twice.
   */
  async *follow(position = ""): AsyncGenerator<Event> {
    const view = new View();
    let lost = 0;
    for (;;) {
      try {
        const headers: Record<string, string> = position ? { "last-event-id": position } : {};
        for await (const event of this.transport.stream("GET", `${this.path}/stream`, undefined, headers)) {
          lost = 0;
          position = event.id || position;
          yield* view.take(JSON.parse(event.data) as Frame);
        }
      } catch (error) {
        if (error instanceof ApiError && GIVE_UP.has(error.status)) throw error;
      }
      if (++lost >= this.transport.retrying.attempts)
        throw new Unreachable("The conversation cannot be followed any more.");
      await this.transport.pause(lost);
    }
  }

  /** Ask for a person; the assistant is silent from here on. */
  requestHuman(key?: string): Promise<Conversation> {
    return this.act("handoff", {}, key);
  }

  /** Answer oneself from here on (agents, as with all below). */
  takeOver(key?: string): Promise<Conversation> {
    return this.act("take-over", {}, key);
  }

  /** Take it out of the queue; throws `ApiError` `already_claimed` when a colleague was first. */
  claim(key?: string): Promise<Conversation> {
    return this.act("claim", {}, key);
  }

  /** Let the assistant answer again. */
  handBack(key?: string): Promise<Conversation> {
    return this.act("hand-back", {}, key);
  }

  assign(agentId: string, key?: string): Promise<Conversation> {
    return this.act("assign", { agent_id: agentId }, key);
  }

  /** To a team's queue; to everybody's when the id is empty. */
  transfer(teamId: string, key?: string): Promise<Conversation> {
    return this.act("transfer", { team_id: teamId }, key);
  }

  /** Out of sight until then (RFC 3339), or until the visitor's next word. */
  snooze(until: string, key?: string): Promise<Conversation> {
    return this.act("snooze", { until }, key);
  }

  unsnooze(key?: string): Promise<Conversation> {
    return this.act("unsnooze", {}, key);
  }

  label(labels: readonly string[], key?: string): Promise<Conversation> {
    return this.act("labels", { labels }, key);
  }

  prioritize(priority: Priority, key?: string): Promise<Conversation> {
    return this.act("priority", { priority }, key);
  }

  /** Done; the visitor's next word opens it again. */
  resolve(key?: string): Promise<Conversation> {
    return this.act("resolve", {}, key);
  }

  /** What an answer was worth: 1, -1, or 0 to take it back. */
  rate(messageId: string, rating: Rating): Promise<Message> {
    return this.transport.ask("POST", `/v1/messages/${encodeURIComponent(messageId)}/rating`, {
      body: { rating },
    });
  }

  private act(deed: string, body: object, key?: string): Promise<Conversation> {
    return this.transport.ask("POST", `${this.path}/${deed}`, { body, key });
  }
}

/** The client's side of the contract: nothing twice, no two attempts mixed. */
class View {
  private seq = 0;
  private readonly shown = new Map<string, { attempt: number; i: number }>();

  *take(frame: Frame): Generator<Event> {
    switch (frame["t"]) {
      case "msg":
        if (frame["msg"].seq <= this.seq) return;
        this.seq = frame["msg"].seq;
        yield { kind: "message", message: frame["msg"] };
        return;
      case "resumed":
        if (frame["recovered"]) return;
        this.seq = frame["snapshot"]?.seq ?? 0;
        yield { kind: "snapshot", messages: frame["snapshot"]?.messages ?? [] };
        return;
      case "stream.delta":
        yield* this.delta(frame);
        return;
      case "stream.open":
        if ((this.shown.get(frame["stream"])?.attempt ?? frame["attempt"]) !== frame["attempt"])
          yield* this.anew(frame);
        return;
      case "stream.reset":
        yield* this.anew(frame);
        return;
      case "turn.end":
        yield { kind: "ended", turn: frame["turn"], state: frame["state"], reason: frame["reason"] ?? "" };
        return;
      case "conv":
        yield { kind: "changed", conversation: frame["conv"] };
    }
  }

  private *delta(frame: Frame): Generator<Event> {
    const at = this.shown.get(frame["stream"]) ?? { attempt: frame["attempt"], i: 0 };
    if (at.attempt !== frame["attempt"] || frame["i"] <= at.i) return;
    this.shown.set(frame["stream"], { attempt: at.attempt, i: frame["i"] });
    yield { kind: "said", stream: frame["stream"], text: frame["text"] ?? "" };
  }

  private *anew(frame: Frame): Generator<Event> {
    this.shown.set(frame["stream"], { attempt: frame["attempt"], i: 0 });
    yield { kind: "reset", stream: frame["stream"] };
  }
}
