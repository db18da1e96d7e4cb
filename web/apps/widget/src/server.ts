/** The REST calls of the widget. Each fails with `ServerError` and has a deadline. */

import type { Passage, Problem, Rating, WidgetSession } from "@miaohui/client";

const DEADLINE_MS = 10_000;

export class ServerError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** Milliseconds after which to come back, where the server says so. */
    readonly after_ms = 0,
  ) {
    super(code);
  }
}

export interface SessionRequest {
  site_key: string;
  visitor_token?: string;
  identity_token?: string;
  locale?: string;
}

export class Server {
  token = "";

  constructor(readonly base: string) {}

  openSession(request: SessionRequest): Promise<WidgetSession> {
    return this.ask("POST", "/v1/widget/session", request);
  }

  begin(): Promise<{ id: string; epoch?: string }> {
    return this.ask("POST", "/v1/conversations", {});
  }

  handOff(conversation: string): Promise<unknown> {
    return this.ask("POST", `/v1/conversations/${conversation}/handoff`, {});
  }

  rate(message: string, rating: Rating): Promise<unknown> {
    return this.ask("POST", `/v1/messages/${message}/rating`, { rating });
  }

  rateService(conversation: string, score: number, comment: string): Promise<unknown> {
    return this.ask("POST", `/v1/conversations/${conversation}/satisfaction`, { score, comment });
  }

  passage(chunk: string): Promise<Passage> {
    return this.ask("GET", `/v1/passages/${encodeURIComponent(chunk)}`);
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {};
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body) headers["Content-Type"] = "application/json";
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), DEADLINE_MS);
    try {
      const request: RequestInit = { method, headers, signal: stop.signal };
      const answer = await fetch(
        this.base + path,
        body ? { ...request, body: JSON.stringify(body) } : request,
      );
      const read = (await answer.json().catch(() => ({}))) as T & Partial<Problem>;
      if (!answer.ok) {
        const after_ms = (Number(answer.headers.get("retry-after")) || 0) * 1000;
        throw new ServerError(answer.status, read.code ?? String(answer.status), after_ms);
      }
      return read;
    } finally {
      clearTimeout(timer);
    }
  }
}
