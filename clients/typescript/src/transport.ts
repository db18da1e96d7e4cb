/** Requests that are made again when that helps, under one key, so that nothing is done twice. */

import { ApiError, Unreachable } from "./errors.js";
import { fetchTelling } from "./telling.js";

/** How patient the client is. */
export interface Retrying {
  attempts: number;
  /** Milliseconds before the second attempt, on average half of it; doubled each time. */
  first: number;
  /** A server that asks for a longer wait than this is not asked again. */
  longest: number;
  /** Milliseconds for one request. */
  timeout: number;
  /** Silence after which a stream is taken for dead; the server says something every 15 seconds. */
  quiet: number;
}

export const PATIENT: Retrying = { attempts: 5, first: 500, longest: 20_000, timeout: 60_000, quiet: 45_000 };

/** A credential that changes while one works, such as an agent's short-lived token. */
export interface Access {
  /** Asked before each attempt; empty for none. */
  key(): string | Promise<string>;
  /** The server refused it: get another. False when there is none to be had. */
  renew?(): Promise<boolean>;
}

/** What goes with a request. */
export interface Asking {
  /** JSON; a `Blob` goes as it is. */
  body?: object | undefined;
  /** With the same one it is the same request. */
  key?: string | undefined;
  signal?: AbortSignal | undefined;
  /** How much of the body has gone, 0 to 1. While it goes on, there is no deadline. */
  onSent?: ((share: number) => void) | undefined;
}

type Attempt<T> = (signal: AbortSignal, goesOn: () => void) => Promise<T>;

/** Statuses that are worth another attempt. */
const AGAIN = new Set([429, 500, 502, 503, 504]);

export const worthAnother = (error: unknown): boolean =>
  !(error instanceof ApiError) || AGAIN.has(error.status) || error.code === "idempotency_in_progress";

/** An idempotency key: the same one again is the same request. Also where a page has no TLS and no `randomUUID`. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface ServerEvent {
  id: string;
  name: string;
  data: string;
}

/** One server, one credential. */
export class Transport {
  constructor(
    readonly base: string,
    readonly access: Access,
    readonly retrying: Retrying,
  ) {}

  /** An answer; POSTs carry one key over all attempts. Throws `ApiError`, `Unreachable`, or why it was cancelled. */
  ask<T>(method: string, path: string, asking: Asking = {}): Promise<T> {
    const keyed = method === "POST" ? { "idempotency-key": asking.key ?? newKey() } : undefined;
    const { onSent } = asking;
    return this.again(method, asking, async (signal, goesOn) => {
      const told = (share: number) => {
        goesOn();
        onSent?.(share);
      };
      const answer = await this.send(method, path, { ...asking, signal, onSent: onSent && told }, keyed);
      const text = await answer.text();
      return (text ? JSON.parse(text) : undefined) as T;
    });
  }

  /** A file. Throws as `ask` does. */
  load(path: string, asking: Asking = {}): Promise<Blob> {
    return this.again("GET", asking, async (signal) => {
      const answer = await this.send("GET", path, { ...asking, signal });
      return answer.blob();
    });
  }

  /** Server-sent events. Throws `ApiError`; a lost connection as it comes. */
  async *stream(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): AsyncGenerator<ServerEvent> {
    const stop = new AbortController();
    let watchdog = setTimeout(() => stop.abort(), this.retrying.quiet);
    try {
      const sent = { accept: "text/event-stream", ...headers };
      const answer = await this.send(method, path, { body, signal: stop.signal }, sent);
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

  /** Wait before an attempt: what the server asked for and a quarter more, or longer each time; never the same for all. */
  pause(attempt: number, last?: unknown): Promise<void> {
    const asked = last instanceof ApiError ? last.retryAfter * 1000 : 0;
    const most = asked / 4 || Math.min(this.retrying.first * 2 ** (attempt - 1), this.retrying.longest);
    return new Promise((resolve) => setTimeout(resolve, asked + most * Math.random()));
  }

  private async again<T>(method: string, { signal }: Asking, attempt: Attempt<T>): Promise<T> {
    let renewed = false;
    let last: unknown;
    for (let tried = 0; tried < this.retrying.attempts; tried++) {
      if (tried) await this.pause(tried, last);
      try {
        return await within(this.retrying.timeout, signal, attempt);
      } catch (error) {
        signal?.throwIfAborted();
        // It was there before: the answer to an earlier attempt was lost.
        if (tried && method === "DELETE" && isRefusal(error, 404)) return undefined as T;
        if (isRefusal(error, 401) && !renewed && (await this.access.renew?.())) {
          renewed = true;
          tried -= 1;
          continue;
        }
        if (!worthAnother(error) || this.isTooLong(error)) throw error;
        last = error;
        if (isOffline()) break;
      }
    }
    if (last instanceof ApiError) throw last;
    throw new Unreachable(`${this.base || "The server"} did not answer`, { cause: last });
  }

  private isTooLong(error: unknown): boolean {
    return error instanceof ApiError && error.retryAfter * 1000 > this.retrying.longest;
  }

  private async send(
    method: string,
    path: string,
    { body, signal, onSent }: Asking & { signal: AbortSignal },
    more: Record<string, string> = {},
  ): Promise<Response> {
    const isFile = body instanceof Blob;
    const credential = await this.access.key();
    const headers: Record<string, string> = {
      ...(credential ? { authorization: `Bearer ${credential}` } : {}),
      ...(body === undefined ? {} : { "content-type": isFile ? "application/octet-stream" : "application/json" }),
      ...more,
    };
    const written = body === undefined ? null : isFile ? body : JSON.stringify(body);
    const init = { method, signal, headers, body: written };
    const url = this.base + path;
    const answer = onSent ? await fetchTelling(url, init, onSent) : await fetch(url, init);
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => null)) as Record<string, unknown> | null;
    throw new ApiError(answer.status, problem ?? {}, Number(answer.headers.get("retry-after")) || 0);
  }
}

/** One attempt; it ends when nothing has gone on for so long, or when the caller has lost interest. */
async function within<T>(ms: number, signal: AbortSignal | undefined, attempt: Attempt<T>): Promise<T> {
  const stop = new AbortController();
  const cancel = () => stop.abort(signal?.reason);
  const tooLate = () => stop.abort(new Error(`no answer within ${ms} ms`));
  let timer = setTimeout(tooLate, ms);
  const goesOn = () => {
    clearTimeout(timer);
    timer = setTimeout(tooLate, ms);
  };
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await attempt(stop.signal, goesOn);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}

const isRefusal = (error: unknown, status: number): boolean =>
  error instanceof ApiError && error.status === status;

/** Only a browser knows, and only this much. */
const isOffline = (): boolean => typeof navigator !== "undefined" && navigator.onLine === false;

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
