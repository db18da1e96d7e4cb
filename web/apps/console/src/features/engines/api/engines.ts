import { query, request } from "../../../shared/http/request";

export type Tier = "primary" | "fallback" | "local";
export type State = "closed" | "ramp" | "half_open" | "open";

/** A key of a route: never the key, at most its last four characters. */
export interface RouteKey {
  readonly id: string;
  readonly account: string;
  readonly state: string;
  readonly hint: string;
}

/** A route as it is set up. Prices are millionths of a currency unit for a million tokens. */
export interface Route {
  readonly name: string;
  /** `shared`: of all companies; `changed`: the same, changed by this one; `own`. */
  readonly origin: "shared" | "changed" | "own";
  readonly enabled: boolean;
  readonly provider: string;
  readonly base_url: string;
  readonly model: string;
  readonly tier: Tier;
  readonly weight: number;
  readonly price_in: number;
  /** Null: as `price_in`. */
  readonly price_cached: number | null;
  readonly price_out: number;
  /** Which price list; accounts are kept apart by it. */
  readonly price_version: string;
  readonly rpm: number;
  readonly tpm: number;
  /** Requests at a time; 0 is not limited. */
  readonly slots: number;
  readonly window_tokens: number;
  readonly capabilities: readonly string[];
  readonly api_version: string;
  readonly temperature: number | null;
  readonly connect_ms: number;
  readonly first_content_ms: number;
  readonly idle_ms: number;
  readonly total_ms: number;
  readonly keys: readonly RouteKey[];
}

export interface KeyStanding {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly rests_s: number;
  readonly in_flight: number;
  /** Of this minute's limit; null is not limited. */
  readonly requests_left: number | null;
  readonly tokens_left: number | null;
}

/** How a route stands on the node that answers. */
export interface Standing {
  readonly name: string;
  readonly state: State;
  readonly keys: readonly KeyStanding[];
  readonly in_flight: number;
  readonly throttled: number;
  readonly first_content_p50_ms: number | null;
  readonly first_content_p95_ms: number | null;
}

/** Attempts of one day (UTC) at one route that ended one way. */
export interface Day {
  readonly day: string;
  readonly route: string;
  readonly outcome: string;
  readonly attempts: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_micro: number;
}

/** What may be said of a route; of a shared one only how it is used. */
export interface RouteEntry {
  readonly enabled: boolean;
  readonly tier: Tier;
  readonly weight: number;
  readonly provider?: string;
  readonly base_url?: string;
  readonly model?: string;
  readonly price_in?: number;
  readonly price_cached?: number | null;
  readonly price_out?: number;
  readonly price_version?: string;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly slots?: number;
  readonly keys?: readonly { readonly id: string; readonly secret?: string; readonly state?: string }[];
}

const base = "/v1/admin/engines";
const route = (name: string) => `${base}/routes/${encodeURIComponent(name)}`;

export const listRoutes = (signal: AbortSignal) => list<Route>(`${base}/routes`, signal);

export const getBoard = (signal: AbortSignal) => list<Standing>(`${base}/board`, signal);

export const listDays = (days: number, signal: AbortSignal) =>
  list<Day>(`${base}/days${query({ days })}`, signal);

export const putRoute = (name: string, entry: RouteEntry) =>
  request<Route>(route(name), { method: "PUT", body: entry });

export const deleteRoute = (name: string) => request<void>(route(name), { method: "DELETE" });

async function list<T>(path: string, signal: AbortSignal): Promise<readonly T[]> {
  return (await request<{ data: readonly T[] }>(path, { signal })).data;
}
