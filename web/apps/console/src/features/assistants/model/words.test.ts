import { describe, expect, it } from "vitest";
import { mostReplaced, readBlocked, readReplaced, typedOf } from "./words";

describe("words that must not appear", () => {
  it("stand one a line, and empty lines say nothing", () => {
    expect(readBlocked(" 竞品甲 \n\n某牌子\n")).toEqual({ words: ["竞品甲", "某牌子"], fault: null });
  });

  it("have two letters, as the filter counts them", () => {
    expect(readBlocked("竞品\n\n甲 -").fault).toEqual({ line: 3, why: "short" });
    expect(readBlocked("a.b").fault).toBeNull();
  });

  it("are named by their line when they are listed twice or too long", () => {
    expect(readBlocked("Acme\nAC ME").fault).toEqual({ line: 2, why: "twice" });
    expect(readBlocked("字".repeat(65)).fault).toEqual({ line: 1, why: "long" });
  });
});

describe("words that are said otherwise", () => {
  it("come with what is said instead, or with nothing", () => {
    const { words, fault } = readReplaced("亲 = 您\n嗯＝\na=b=c");
    expect(fault).toBeNull();
    expect(words).toEqual([
      { word: "亲", by: "您" },
      { word: "嗯", by: "" },
      { word: "a", by: "b=c" },
    ]);
  });

  it("are refused without their other, and beyond their number", () => {
    expect(readReplaced("亲").fault).toEqual({ line: 1, why: "form" });
    expect(readReplaced(" = 您").fault).toEqual({ line: 1, why: "form" });
    const many = Array.from({ length: mostReplaced + 1 }, (_, n) => `w${n} = x`).join("\n");
    expect(readReplaced(many).fault).toEqual({ line: mostReplaced + 1, why: "many" });
  });

  it("are typed as they are read", () => {
    const words = { blocked: ["竞品甲"], replaced: [{ word: "嗯", by: "" }], version: 3 };
    expect(readReplaced(typedOf(words).replaced).words).toEqual(words.replaced);
  });
});
