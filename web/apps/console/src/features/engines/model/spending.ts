import type { Day, Route, RouteEntry } from "../api/engines";
import { microOf } from "./board";
import { untyped } from "./entry";

/** What a route came to over the days that are told. */
export interface Spending {
  readonly attempts: number;
  readonly costMicro: number;
}

export function spentBy(days: readonly Day[]): ReadonlyMap<string, Spending> {
  const found = new Map<string, Spending>();
  for (const one of days) {
    const before = found.get(one.route) ?? { attempts: 0, costMicro: 0 };
    found.set(one.route, {
      attempts: before.attempts + one.attempts,
      costMicro: before.costMicro + one.cost_micro,
    });
  }
  return found;
}

/** The dearest route, its share, and the sum; null when nothing was spent. */
export function dearest(days: readonly Day[]): { route: string; share: number; total: number } | null {
  const all = [...spentBy(days)].sort((a, b) => b[1].costMicro - a[1].costMicro);
  const total = all.reduce((sum, [, one]) => sum + one.costMicro, 0);
  const first = all[0];
  return first && total > 0 ? { route: first[0], share: first[1].costMicro / total, total } : null;
}

/** The cost of each of the last so many days (UTC), the oldest first, also of those without any. */
export function costLine(days: readonly Day[], today: string, most: number): readonly [string, number][] {
  const sums = new Map<string, number>();
  for (const one of days) sums.set(one.day, (sums.get(one.day) ?? 0) + one.cost_micro);
  const end = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: most }, (_, n) => {
    const day = new Date(end - (most - 1 - n) * 86_400_000).toISOString().slice(0, 10);
    return [day, sums.get(day) ?? 0];
  });
}

/** Routes that were asked and have no price; local ones cost nothing but power. */
export function unpriced(routes: readonly Route[], days: readonly Day[]): number {
  const spent = spentBy(days);
  return routes.filter(
    (one) => one.tier !== "local" && one.price_in === 0 && one.price_out === 0 && spent.has(one.name),
  ).length;
}

/** Prices and quotas as they are typed. */
export interface TypedPrice {
  readonly price_in: string;
  readonly price_cached: string;
  readonly price_out: string;
  readonly price_version: string;
  readonly rpm: string;
  readonly tpm: string;
  readonly slots: string;
}

export function typedPrice(route: Route): TypedPrice {
  const units = (micro: number) => (micro ? String(micro / 1_000_000) : "");
  const count = (value: number) => (value ? String(value) : "");
  return {
    price_in: units(route.price_in),
    price_cached: route.price_cached === null ? "" : String(route.price_cached / 1_000_000),
    price_out: units(route.price_out),
    price_version: "",
    rpm: count(route.rpm),
    tpm: count(route.tpm),
    slots: count(route.slots),
  };
}

export function faultsOfPrice(typed: TypedPrice): ReadonlySet<keyof TypedPrice> {
  const prices = (["price_in", "price_cached", "price_out"] as const).filter(
    (name) => !isNumber(typed[name]),
  );
  const counts = (["rpm", "tpm", "slots"] as const).filter(
    (name) => !isNumber(typed[name]) || !Number.isInteger(Number(typed[name] || 0)),
  );
  return new Set([...prices, ...counts]);
}

/** The whole route, with these prices; a price list that keeps its name is named after the day by the server. */
export function pricedEntry(route: Route, typed: TypedPrice): RouteEntry {
  const { price_version: before, ...rest } = untyped(route);
  const version = typed.price_version.trim();
  const prices = {
    price_in: microOf(typed.price_in),
    price_cached: typed.price_cached.trim() === "" ? null : microOf(typed.price_cached),
    price_out: microOf(typed.price_out),
  };
  return {
    ...rest,
    ...prices,
    price_version: version || (before ?? ""),
    rpm: Number(typed.rpm || 0),
    tpm: Number(typed.tpm || 0),
    slots: Number(typed.slots || 0),
  };
}

function isNumber(text: string): boolean {
  const value = Number(text || 0);
  return Number.isFinite(value) && value >= 0;
}
