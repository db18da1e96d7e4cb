import { describe, expect, it } from "vitest";
import type { Route } from "../api/engines";
import { priced } from "../testing/routes";
import { entryOf, typedOf } from "./entry";

const own: Route = {
  ...priced,
  price_cached: 300_000,
  slots: 4,
  window_tokens: 64_000,
  temperature: 0.3,
};

describe("a route that is edited", () => {
  it("comes back as it was when nothing is typed, its key unsaid", () => {
    const entry = entryOf(typedOf(own), own);
    expect(entry).toMatchObject({ weight: 3, price_in: 1_500_000, rpm: 60, tpm: 0 });
    expect(entry.keys).toEqual([{ id: "k1", state: "active" }]);
    expect(JSON.stringify(entry)).not.toContain("9876");
  });

  it("keeps what the form does not ask for", () => {
    const { capabilities, price_cached, slots, temperature, total_ms } = own;
    expect(entryOf(typedOf(own), own)).toMatchObject({
      capabilities,
      price_cached,
      slots,
      temperature,
      total_ms,
    });
    expect(entryOf(typedOf(own), own)).not.toHaveProperty("origin");
    expect(entryOf(typedOf(own), own)).not.toHaveProperty("name");
  });

  it("sets a new key beside the old one, which takes nothing new", () => {
    const entry = entryOf({ ...typedOf(own), secret: "sk-new" }, own);
    expect(entry.keys).toEqual([
      { id: "k2", secret: "sk-new" },
      { id: "k1", state: "draining" },
    ]);
  });

  it("of all companies may only be used otherwise", () => {
    const shared = { ...own, origin: "shared" } as const;
    expect(entryOf({ ...typedOf(shared), weight: "0", enabled: false }, shared)).toEqual({
      enabled: false,
      tier: "primary",
      weight: 0,
    });
  });
});

describe("a new route", () => {
  it("has one key, also without a secret as a server of one's own needs none", () => {
    expect(entryOf({ ...typedOf(null), secret: "" }, null).keys).toEqual([{ id: "k1" }]);
    expect(entryOf({ ...typedOf(null), secret: "sk" }, null).keys).toEqual([{ id: "k1", secret: "sk" }]);
  });

  it("takes nonsense for nothing", () => {
    expect(entryOf({ ...typedOf(null), rpm: "many", weight: "-3" }, null)).toMatchObject({
      rpm: 0,
      weight: 0,
    });
  });
});
