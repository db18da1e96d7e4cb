import type { Route, RouteEntry, Tier } from "../api/engines";
import { microOf } from "./board";

/** Vendors whose quirks the server knows; anything that speaks the same form is `openai`. */
export const providers = [
  "openai",
  "azure",
  "deepseek",
  "dashscope",
  "qianfan",
  "zhipu",
  "moonshot",
  "ark",
  "openrouter",
  "vllm",
  "sglang",
  "ollama",
  "llamacpp",
  "lmstudio",
] as const;

/** A route as it is typed. */
export interface Typed {
  readonly name: string;
  readonly provider: string;
  readonly base_url: string;
  readonly model: string;
  readonly enabled: boolean;
  readonly tier: Tier;
  readonly weight: string;
  readonly price_in: string;
  readonly price_out: string;
  readonly rpm: string;
  readonly tpm: string;
  /** A new key; "" keeps the one there is. */
  readonly secret: string;
}

export function typedOf(route: Route | null): Typed {
  const count = (value: number | undefined) => (value ? String(value) : "");
  return {
    name: route?.name ?? "",
    provider: route?.provider ?? "openai",
    base_url: route?.base_url ?? "",
    model: route?.model ?? "",
    enabled: route?.enabled ?? true,
    tier: route?.tier ?? "primary",
    weight: String(route?.weight ?? 1),
    price_in: count((route?.price_in ?? 0) / 1_000_000),
    price_out: count((route?.price_out ?? 0) / 1_000_000),
    rpm: count(route?.rpm),
    tpm: count(route?.tpm),
    secret: "",
  };
}

/** What is told to the server: of a shared route only how it is used, of one's own the whole. */
export function entryOf(typed: Typed, before: Route | null): RouteEntry {
  const used = { enabled: typed.enabled, tier: typed.tier, weight: whole(typed.weight) };
  if (before && before.origin !== "own") return used;
  return {
    ...(before && untyped(before)),
    ...used,
    provider: typed.provider,
    base_url: typed.base_url.trim(),
    model: typed.model.trim(),
    price_in: microOf(typed.price_in),
    price_out: microOf(typed.price_out),
    rpm: whole(typed.rpm),
    tpm: whole(typed.tpm),
    keys: keysOf(typed.secret, before),
  };
}

/** What this form does not ask: a route of one's own is told as a whole, so that it would be lost otherwise. */
export function untyped(route: Route): RouteEntry {
  const { name: _name, origin: _origin, keys: _keys, price_version: _version, ...rest } = route;
  const { key_version: _count, ...told } = rest as typeof rest & { readonly key_version?: number };
  return { ...told, keys: keysOf("", route), price_version: route.price_version };
}

/** A new secret stands beside the old key until what is under way is done; without one the keys stay. */
function keysOf(secret: string, before: Route | null): NonNullable<RouteEntry["keys"]> {
  const kept = (before?.keys ?? []).map((one) => ({ id: one.id, state: one.state }));
  if (!secret) return kept.length > 0 ? kept : [{ id: "k1" }];
  const numbers = kept.map((one) => Number(/^k(\d+)$/.exec(one.id)?.[1] ?? 0));
  const fresh = { id: `k${Math.max(0, ...numbers) + 1}`, secret };
  const last = kept.filter((one) => one.state === "active").map((one) => ({ ...one, state: "draining" }));
  return [fresh, ...last];
}

function whole(value: string): number {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) && number > 0 ? number : 0;
}
