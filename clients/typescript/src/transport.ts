/** Requests that are made again when that helps, under one key, so that nothing is done twice. */

import { ApiError, Unreachable } from "./errors.js";

/** How patient the client is. */
export interface Retrying {
  attempts: number;
  /** Milliseconds before the second attempt, on average half of it; doubled each time. */
  first: number;
  longest: number;
  /** Milliseconds for one request. */
  timeout: number;
  /** Silence after which a stream is taken for dead; the server says something every 15 seconds. */
  quiet: number;
}

export const PATIENT: Retrying = { attempts: 5, first: 500, longest: 20_000, timeout: 60_000, quiet: 45_000 };

/** Statuses that are worth another attempt. */
const AGAIN = new Set([429, 500, 502, 503, 504]);

export const worthAnother = (error: unknown): boolean =>
  !(error instanceof ApiError) || AGAIN.has(error.status) || error.code === "idempotency_in_progress";

/** An idempotency key: the same one again is the same request. */
export const newKey = (): string => crypto.randomUUID().replaceAll("-", "");

export interface ServerEvent {
  id: string;
  name: string;
  data: string;
}

/** One server, one credential. */
export class Transport {
  constructor(
    private readonly base: string,
    readonly credential: string,
    readonly retrying: Retrying,
  ) {}

  /** An answer; POSTs carry one key over all attempts. Throws `ApiError`, `Unreachable`. */
  async ask<T>(method: string, path: string, body?: unknown, key = newKey()): Promise<T> {
    const headers: Record<string, string> = method === "POST" ? { "idempotency-key": key } : {};
    let last: unknown;
    for (let attempt = 0; attempt < this.retrying.attempts; attempt++) {
      if (attempt) await this.pause(attempt, last);
      try {
        const answer = await this.send(
          method,
          path,
          body,
          headers,
          AbortSignal.timeout(this.retrying.timeout),
        );
        const text = await answer.text();
        return (text ? JSON.parse(text) : undefined) as T;
      } catch (error) {
        if (!worthAnother(error)) throw error;
        last = error;
      }
    }
    if (last instanceof ApiError) throw last;
    throw new Unreachable(`${this.base} did not answer`, { cause: last });
  }

  /** Server-sent events. Throws `ApiError`; a lost connection as it comes. */
  async *stream(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): AsyncGenerator<ServerEvent> {
    const stop = new AbortController();
    let watchdog = setTimeout(() => stop.abort(), this.retrying.quiet);
    try {
      const sent = { accept: "text/event-stream", ...headers };
      const answer = await this.send(method, path, body, sent, stop.signal);
      let rest = "";
      const decoder = new TextDecoder();
      // Not `for await`: not every browser's streams can be iterated.
      const reader = answer.body?.getReader();
      for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => stop.abort(), this.retrying.quiet);
        const blocks = (rest + decoder.decode(read.value, { stream: true })).split(/\r?\n\r?\n/);
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const event = eventOf(block);
          if (event.data) yield event;
        }
      }
    } finally {
      clearTimeout(watchdog);
      stop.abort();
    }
  }

  /** Wait before an attempt: what the server asked for, or longer each time and never the same for all. */
  pause(attempt: number, last?: unknown): Promise<void> {
    const asked = last instanceof ApiError ? last.retryAfter * 1000 : 0;
    const drawn = Math.min(this.retrying.first * 2 ** (attempt - 1), this.retrying.longest) * Math.random();
    const wait = asked ? Math.min(asked, this.retrying.longest) : drawn;
    return new Promise((resolve) => setTimeout(resolve, wait));
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    const answer = await fetch(this.base + path, {
      method,
      signal,
      headers: {
        ...(this.credential ? { authorization: `Bearer ${this.credential}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    throw new ApiError(answer.status, problem, Number(answer.headers.get("retry-after")) || 0);
  }
}

function eventOf(block: string): ServerEvent {
  const event = { id: "", name: "message", data: "" };
  for (const line of block.split(/\r?\n/)) {
    const [field = "", ...rest] = line.split(":");
    const value = rest.join(":").replace(/^ /, "");
    if (field === "data") event.data += (event.data ? "\n" : "") + value;
    else if (field === "event") event.name = value;
    else if (field === "id") event.id = value;
  }
  return event;
}
