import { describe, expect, it } from "vitest";
import type { Attempt } from "../api/turns";
import { costOf, linesOf, money } from "./attempts";

const attempt = (cost: number) => ({ cost_micro: cost }) as Attempt;

describe("what a turn cost", () => {
  it("is the sum of all its tries, the failed ones too", () => {
    expect(costOf([attempt(120), attempt(300)])).toBe(420);
    expect(costOf([])).toBe(0);
  });

  it("is told with as many places as it takes to see something", () => {
    expect([0, 420, 12_345, 2_500_000].map(money)).toEqual(["¥0.0000", "¥0.000420", "¥0.0123", "¥2.50"]);
  });
});

describe("words that an answer must hold", () => {
  it("are one a line, without empty ones", () => {
    expect(linesOf(" 七天 \n\n退货")).toEqual(["七天", "退货"]);
  });
});
