import { describe, expect, it } from "vitest";
import { isNew, type LookingFrame, seen, still } from "./viewers";

const frame = (agent: string, on = true): LookingFrame => ({ agent, name: agent.toUpperCase(), on });

describe("who else is looking", () => {
  it("is whoever said so lately, but for me", () => {
    const two = seen(seen([], frame("a"), "me", 0), frame("b"), "me", 10);
    expect(seen(two, frame("me"), "me", 20).map((one) => one.name)).toEqual(["A", "B"]);
  });

  it("leaves when they say so, and when nothing is heard of them", () => {
    const two = seen(seen([], frame("a"), "me", 0), frame("b"), "me", 40_000);
    expect(seen(two, frame("b", false), "me", 41_000).map((one) => one.id)).toEqual(["a"]);
    expect(still(two, 46_000).map((one) => one.id)).toEqual(["b"]);
    expect(still(two, 1)).toBe(two);
  });

  it("counts somebody once, and knows who is new", () => {
    const one = seen(seen([], frame("a"), "me", 0), frame("a"), "me", 5);
    expect(one).toHaveLength(1);
    expect(isNew(one, frame("a"), "me")).toBe(false);
    expect(isNew(one, frame("b"), "me")).toBe(true);
    expect(isNew(one, frame("b", false), "me")).toBe(false);
    expect(isNew(one, frame("me"), "me")).toBe(false);
  });
});
