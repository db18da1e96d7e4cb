/**
 * A client for Miaohui's public API.
 *
 *     const miaohui = new Miaohui("https://support.example.com", { key: "mh_live_…" });
 *     for await (const event of miaohui.ask("怎么退货?", { visitorId: "4711" })) …
 */

import { ApiError, Unreachable } from "./errors.js";
import { Line } from "./line.js";
import type { Conversation, Event, Page, Reply, Sent, Status, Wanted } from "./models.js";
import { Talk } from "./talk.js";
import {
  type Access,
  type Asking,
  newKey,
  PATIENT,
  type Retrying,
  Transport,
  worthAnother,
} from "./transport.js";
import { upload } from "./uploading.js";

export { backoffMs, mayReturn } from "./backoff.js";
export * from "./errors.js";
export { type Frame, Line, type LineState, type Watcher } from "./line.js";
export type * from "./models.js";
export { Talk } from "./talk.js";
export {
  type Access,
  type Asking,
  newKey,
  PATIENT,
  type Retrying,
  Transport,
  worthAnother,
} from "./transport.js";
export { upload } from "./uploading.js";
export type * from "./wire.js";

export interface Options {
  /** An API key, an agent's access token, or a visitor's token. */
  key?: string;
  /** In place of `key`: a credential that changes while one works. */
  access?: Access;
  retrying?: Partial<Retrying>;
}

export interface Question {
  /** Your own id of the person; not read with a visitor's token. */
  visitorId?: string;
  conversationId?: string;
  /** With the same one it is the same question. */
  key?: string;
}

export class Miaohui {
  private readonly transport: Transport;

  /** Without a `base` it is the server that the page came from. */
  constructor(
    base: string,
    private readonly options: Options = {},
  ) {
    const access = options.access ?? { key: () => this.key };
    this.transport = new Transport(base.replace(/\/+$/, ""), access, { ...PATIENT, ...options.retrying });
  }

  /** The credential that this client was given. */
  get key(): string {
    return this.options.key ?? "";
  }

  /** As an agent. Throws `ApiError`. */
  static async logIn(base: string, email: string, password: string, options: Options = {}): Promise<Miaohui> {
    const nobody = new Miaohui(base, options);
    const body = { email, password };
    const grant = await nobody.request<{ access_token: string }>("POST", "/v1/auth/login", { body });
    return new Miaohui(base, { ...options, key: grant.access_token });
  }

  /** As a visitor of a site, or as the one whom `identityToken` proves. Throws `ApiError`. */
  static async asVisitor(
    base: string,
    siteKey: string,
    identityToken = "",
    options: Options = {},
  ): Promise<Miaohui> {
    const nobody = new Miaohui(base, options);
    const body = { site_key: siteKey, identity_token: identityToken };
    const session = await nobody.request<{ token: string }>("POST", "/v1/widget/session", { body });
    return new Miaohui(base, { ...options, key: session.token });
  }

  /** Ask, and wait for the whole answer. */
  answer(question: string, asking: Question = {}): Promise<Reply> {
    return this.transport.ask("POST", "/v1/chat", { body: bodyOf(question, asking), key: asking.key });
  }

  /**
   * Ask, and get the answer piece by piece. A connection that is lost meanwhile is made again under the same key: the
   * question is asked once, and what was missed is told after a `reset`.
   */
  async *ask(question: string, asking: Question = {}): AsyncGenerator<Event> {
    const headers = { "idempotency-key": asking.key ?? newKey() };
    let shown = "";
    let last: unknown;
    for (let attempt = 0; attempt < this.transport.retrying.attempts; attempt++) {
      if (attempt) await this.transport.pause(attempt, last);
      try {
        for await (const { name, data } of this.transport.stream(
          "POST",
          "/v1/chat",
          bodyOf(question, asking),
          headers,
        )) {
          for (const event of read(name, JSON.parse(data), shown)) {
            if (event.kind === "reset") shown = "";
            if (event.kind === "said") shown += event.text;
            yield event;
          }
          if (name === "end") return;
        }
      } catch (error) {
        if (!worthAnother(error)) throw error;
        last = error;
      }
    }
    throw new Unreachable("The answer did not come to its end; it will stand in the conversation.", {
      cause: last,
    });
  }

  /** A new conversation; with an API key, for the visitor of your own id. */
  async start(visitorId = "", inboxId = ""): Promise<Talk> {
    const body = {
      ...(visitorId ? { visitor_id: visitorId } : {}),
      ...(inboxId ? { inbox_id: inboxId } : {}),
    };
    return this.talk((await this.transport.ask<Conversation>("POST", "/v1/conversations", { body })).id);
  }

  /** A conversation that is there. */
  talk(id: string): Talk {
    return new Talk(this.transport, id);
  }

  /** All that may be read, the last changed first, however many pages that takes. */
  async *conversations(status: Status | "" = ""): AsyncGenerator<Conversation> {
    let cursor = "";
    do {
      const page = await this.page({ limit: 200, ...(status ? { status } : {}) }, cursor);
      yield* page.data;
      cursor = page.next_cursor;
    } while (cursor);
  }

  /** One page of those that are wanted. */
  page(wanted: Wanted = {}, cursor = "", signal?: AbortSignal): Promise<Page<Conversation>> {
    const { assigneeId, inboxId, teamId, contactId, ...rest } = wanted;
    const asked = {
      ...rest,
      assignee_id: assigneeId,
      inbox_id: inboxId,
      team_id: teamId,
      contact_id: contactId,
      cursor,
    };
    const pairs = Object.entries(asked).filter(([, value]) => value !== undefined && value !== "");
    const query = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
    return this.transport.ask("GET", `/v1/conversations?${query}`, { signal });
  }

  /** Takes in a file of any kind that the server takes; a message names it by its `text`. Throws `ApiError`. */
  upload(file: Blob, asking: Omit<Asking, "body"> & { readonly name?: string } = {}): Promise<Sent> {
    return upload(this.transport, file, asking);
  }

  /** Any other route of the API. Throws `ApiError`, `Unreachable`, or why it was cancelled. */
  request<T>(method: string, path: string, asking: Asking = {}): Promise<T> {
    return this.transport.ask(method, path, asking);
  }

  /** A file that the API gives. Throws as `request` does. */
  download(path: string, asking: Asking = {}): Promise<Blob> {
    return this.transport.load(path, asking);
  }

  /** A socket, for pages that show many conversations at once; start it. `device` tells two windows apart. */
  line(device: () => string = newKey): Line {
    return new Line(this.transport.base, this.transport.access, device);
  }
}

function bodyOf(question: string, asking: Question): Record<string, string> {
  const body = { question, visitor_id: asking.visitorId ?? "me" };
  return asking.conversationId ? { ...body, conversation_id: asking.conversationId } : body;
}

function* read(name: string, data: Record<string, string>, shown: string): Generator<Event> {
  if (name === "delta") yield { kind: "said", stream: "", text: data["text"] ?? "" };
  else if (name === "reset") yield { kind: "reset", stream: "" };
  else if (name === "error") throw new ApiError(Number(data["status"] ?? 500), data);
  else if (name === "end") {
    const answer = data["answer"] ?? "";
    if (shown !== answer) {
      // What was missed over a lost connection is told whole.
      if (shown) yield { kind: "reset", stream: "" };
      yield { kind: "said", stream: "", text: answer };
    }
    yield {
      kind: "ended",
      turn: data["turn_id"] ?? "",
      state: data["outcome"] ?? "",
      reason: data["reason"] ?? "",
    };
  }
}
