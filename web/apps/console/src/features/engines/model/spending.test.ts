import { describe, expect, it } from "vitest";
import { day, priced } from "../testing/routes";
import { costLine, dearest, faultsOfPrice, pricedEntry, spentBy, typedPrice, unpriced } from "./spending";

const days = [
  day({ day: "2026-11-20", attempts: 2, cost_micro: 300 }),
  day({ attempts: 1, cost_micro: 300 }),
  day({ route: "slow", attempts: 4, cost_micro: 200 }),
];

describe("what was spent", () => {
  it("adds up by route, and names the dearest with its share", () => {
    expect(spentBy(days).get("fast")).toEqual({ attempts: 3, costMicro: 600 });
    expect(dearest(days)).toEqual({ route: "fast", share: 0.75, total: 800 });
    expect(dearest([day({ cost_micro: 0 })])).toBeNull();
  });

  it("stands on every day, also on those without any", () => {
    expect(costLine(days, "2026-11-21", 3)).toEqual([
      ["2026-11-19", 0],
      ["2026-11-20", 300],
      ["2026-11-21", 500],
    ]);
  });

  it("is told too low where a route that was asked has no price", () => {
    const free = { ...priced, price_in: 0, price_out: 0 };
    expect(unpriced([free], days)).toBe(1);
    expect(unpriced([{ ...free, tier: "local" }, { ...free, name: "unused" }, priced], days)).toBe(0);
  });
});

describe("a price that is typed", () => {
  it("changes nothing else of the route", () => {
    const entry = pricedEntry(priced, { ...typedPrice(priced), price_in: "2" });
    expect(entry).toMatchObject({ price_in: 2_000_000, price_out: 2_000_000, price_cached: null, weight: 3 });
    expect(entry).toMatchObject({ capabilities: ["tools"], total_ms: 60_000, price_version: "2026-11-01" });
    expect(entry.keys).toEqual([{ id: "k1", state: "active" }]);
  });

  it("of nothing for cached input is a price, and no number is none", () => {
    expect(pricedEntry(priced, { ...typedPrice(priced), price_cached: "0" }).price_cached).toBe(0);
    const faults = faultsOfPrice({ ...typedPrice(priced), price_in: "much", rpm: "1.5", tpm: "-1" });
    expect([...faults]).toEqual(["price_in", "rpm", "tpm"]);
    expect([...faultsOfPrice(typedPrice(priced))]).toEqual([]);
  });
});
