import { describe, expect, it } from "vitest";
import { spentByDay } from "./costs";

const usual = {
  route: "a",
  outcome: "winner",
  attempts: 2,
  input_tokens: 10,
  output_tokens: 5,
  cost_micro: 100,
};

describe("what was spent", () => {
  it("is added up by day over routes and ends, the latest first", () => {
    const spent = spentByDay([
      { ...usual, day: "2026-11-20" },
      { ...usual, day: "2026-11-21" },
      { ...usual, day: "2026-11-21", route: "b", outcome: "failed", attempts: 1 },
    ]);
    expect(spent).toEqual([
      { day: "2026-11-21", attempts: 3, failed: 1, input: 20, output: 10, costMicro: 200 },
      { day: "2026-11-20", attempts: 2, failed: 0, input: 10, output: 5, costMicro: 100 },
    ]);
  });

  it("does not count as failed what was only left for a faster one", () => {
    expect(spentByDay([{ ...usual, day: "2026-11-21", outcome: "hedge_loser" }])[0]?.failed).toBe(0);
  });
});
