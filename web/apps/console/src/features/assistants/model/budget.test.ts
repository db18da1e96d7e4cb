import { describe, expect, it } from "vitest";
import { mayBudget, microOf, money, percentOf, standingOf, unitsOf } from "./budget";

const spent = (spent_micro: number, budget_micro: number) => ({
  spent_micro,
  budget_micro,
  ends_at: "2026-11-22T00:00:00.000Z",
});

describe("a budget", () => {
  it("is typed in units and kept in whole millionths", () => {
    expect(microOf(12.34)).toBe(12_340_000);
    expect(microOf(0.0000004)).toBe(0);
    expect(microOf(null)).toBeNull();
    expect(unitsOf(12_340_000)).toBe(12.34);
    expect(unitsOf(null)).toBeNull();
  });

  it("goes as far as the installation's, and may be none", () => {
    expect(mayBudget(null, 10)).toBe(true);
    expect(mayBudget(0, 10)).toBe(true);
    expect(mayBudget(10, 10)).toBe(true);
    expect(mayBudget(11, 10)).toBe(false);
    expect(mayBudget(-1, 10)).toBe(false);
  });

  it("says how it stands, and is all spent only when it is", () => {
    expect(standingOf(spent(5, 0))).toBe("none");
    expect(standingOf(spent(799, 1000))).toBe("fine");
    expect(standingOf(spent(800, 1000))).toBe("near");
    expect(standingOf(spent(999, 1000))).toBe("near");
    expect(percentOf(spent(999, 1000))).toBe(99);
    expect(standingOf(spent(1000, 1000))).toBe("reached");
    expect(percentOf(spent(1500, 1000))).toBe(150);
    expect(percentOf(spent(5, 0))).toBe(0);
  });

  it("reads as money", () => {
    expect(money(0, "en")).toBe("¥0.00");
    expect(money(1_234_500_000, "en")).toBe("¥1,234.50");
    expect(money(4_200, "en")).toBe("¥0.0042");
  });
});
