import { describe, expect, it } from "vitest";
import type { Day, Route } from "../api/engines";
import { costLine, dearest, faultsOfPrice, pricedEntry, spentBy, typedPrice, unpriced } from "./spending";

const day = (route: string, on: string, attempts: number, cost_micro: number): Day => ({
  day: on,
  route,
  outcome: "winner",
  attempts,
  input_tokens: 10,
  output_tokens: 10,
  cost_micro,
});
const days = [
  day("fast", "2026-11-20", 2, 300),
  day("fast", "2026-11-21", 1, 300),
  day("slow", "2026-11-21", 4, 200),
];
const route: Route = {
  name: "fast",
  origin: "own",
  enabled: true,
  provider: "deepseek",
  base_url: "https://api.example.com/v1",
  model: "chat",
  tier: "primary",
  weight: 3,
  price_in: 1_500_000,
  price_cached: null,
  price_out: 2_000_000,
  price_version: "2026-11-01",
  rpm: 60,
  tpm: 0,
  slots: 0,
  window_tokens: 0,
  capabilities: ["tools"],
  api_version: "",
  temperature: null,
  connect_ms: 1000,
  first_content_ms: 5000,
  idle_ms: 10_000,
  total_ms: 60_000,
  keys: [{ id: "k1", account: "", state: "active", hint: "9876" }],
};

describe("what was spent", () => {
  it("adds up by route, and names the dearest with its share", () => {
    expect(spentBy(days).get("fast")).toEqual({ attempts: 3, costMicro: 600 });
    expect(dearest(days)).toEqual({ route: "fast", share: 0.75, total: 800 });
    expect(dearest([day("free", "2026-11-21", 3, 0)])).toBeNull();
  });

  it("stands on every day, also on those without any", () => {
    expect(costLine(days, "2026-11-21", 3)).toEqual([
      ["2026-11-19", 0],
      ["2026-11-20", 300],
      ["2026-11-21", 500],
    ]);
  });

  it("is told too low where a route that was asked has no price", () => {
    const free = { ...route, price_in: 0, price_out: 0 };
    expect(unpriced([free], days)).toBe(1);
    expect(unpriced([{ ...free, tier: "local" }, { ...free, name: "unused" }, route], days)).toBe(0);
  });
});

describe("a price that is typed", () => {
  it("changes nothing else of the route", () => {
    const entry = pricedEntry(route, { ...typedPrice(route), price_in: "2" });
    expect(entry).toMatchObject({ price_in: 2_000_000, price_out: 2_000_000, price_cached: null, weight: 3 });
    expect(entry).toMatchObject({ capabilities: ["tools"], total_ms: 60_000, price_version: "2026-11-01" });
    expect(entry.keys).toEqual([{ id: "k1", state: "active" }]);
  });

  it("of nothing for cached input is a price, and no number is none", () => {
    expect(pricedEntry(route, { ...typedPrice(route), price_cached: "0" }).price_cached).toBe(0);
    const faults = faultsOfPrice({ ...typedPrice(route), price_in: "much", rpm: "1.5", tpm: "-1" });
    expect([...faults]).toEqual(["price_in", "rpm", "tpm"]);
    expect([...faultsOfPrice(typedPrice(route))]).toEqual([]);
  });
});
