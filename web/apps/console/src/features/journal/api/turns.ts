import { request } from "../../../shared/http/request";
import type { Turn } from "../model/turn";

interface Wire {
  readonly turn_id: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly route?: string;
  readonly started_at?: string;
  readonly stages: readonly {
    readonly name: string;
    readonly at_ms: number;
    readonly took_ms: number;
    readonly facts?: Record<string, unknown>;
  }[];
}

/** One try at an engine. */
export interface Attempt {
  readonly number: number;
  readonly route: string;
  readonly model: string;
  readonly outcome: string;
  readonly failure: string;
  readonly code: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly estimated: boolean;
  /** Millionths of a currency unit. */
  readonly cost_micro: number;
  readonly first_content_ms: number | null;
  readonly took_ms: number;
}

/** What is to be different; what is empty stays as it is now. */
export interface Otherwise {
  readonly route: string;
  readonly persona: string;
  readonly knowledge_version: number;
}

/** What would be said; nobody saw it. */
export interface Rehearsed {
  readonly text: string;
  readonly known: boolean;
  readonly route: string;
  readonly took_ms: number;
}

export interface Wanted {
  readonly wanted: string;
  /** Words that every answer must hold. */
  readonly holds: readonly string[];
  readonly lacks: readonly string[];
}

const at = (id: string, what: string) => `/v1/turns/${encodeURIComponent(id)}/${what}`;

export const listAttempts = async (id: string, signal: AbortSignal) =>
  (await request<{ data: readonly Attempt[] }>(at(id, "attempts"), { signal })).data;

export const askAgain = (id: string, otherwise: Otherwise) =>
  request<Rehearsed>(at(id, "again"), { method: "POST", body: otherwise });

export const keepCase = (id: string, wanted: Wanted) =>
  request<{ readonly id: string }>(at(id, "case"), { method: "POST", body: wanted });

/** The right answer becomes a proposed article, the question a sample of it. */
export const correct = (messageId: string, text: string) =>
  request<{ readonly article_id: string }>(`/v1/messages/${encodeURIComponent(messageId)}/correction`, {
    method: "POST",
    body: { text },
  });

/** Names of the routes that one may ask; for who may not see them none. */
export const listRouteNames = async (signal: AbortSignal) =>
  (
    await request<{ data: readonly { readonly name: string }[] }>("/v1/admin/engines/routes", { signal })
  ).data.map((one) => one.name);

export const listVersions = async (signal: AbortSignal) =>
  (
    await request<{
      data: readonly { readonly version: number; readonly served: boolean; readonly created_at: string }[];
    }>("/v1/knowledge/versions", { signal })
  ).data;

export async function getTurn(id: string, signal: AbortSignal): Promise<Turn> {
  const wire = await request<Wire>(`/v1/turns/${encodeURIComponent(id)}`, { signal });
  return {
    id: wire.turn_id,
    outcome: wire.outcome,
    reason: wire.reason ?? "",
    route: wire.route ?? "",
    startedAt: wire.started_at ? Date.parse(wire.started_at) : 0,
    stages: wire.stages.map((one) => ({
      name: one.name,
      atMs: one.at_ms,
      tookMs: one.took_ms,
      facts: one.facts ?? {},
    })),
  };
}
