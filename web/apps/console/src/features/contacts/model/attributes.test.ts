import { describe, expect, it } from "vitest";
import { attributesOf, changesOf, textOf } from "./attributes";

describe("attributes as one types them", () => {
  it("are read back as they were written", () => {
    const known = { city: "杭州", vip: "gold: level 2" };
    expect(attributesOf(textOf(known))).toEqual(known);
  });

  it("take a colon of either width, and nothing without one", () => {
    expect(attributesOf(" 城市：杭州 \nno colon\n: empty\nname:")).toEqual({ 城市: "杭州" });
  });
});

describe("what is told the server", () => {
  it("is only what changed, and an empty value for what is gone", () => {
    expect(changesOf({ a: "1", b: "2", c: "3" }, { a: "1", b: "4", d: "5" })).toEqual({
      b: "4",
      c: "",
      d: "5",
    });
  });

  it("is nothing when nothing changed", () => {
    expect(changesOf({ a: "1" }, { a: "1" })).toEqual({});
  });
});
