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
