import { describe, expect, it } from "vitest";
import type { Draft } from "../api/writing";
import { fateOf, kindOf, linesOf, tagsOf, writtenOf } from "./drafts";

const draft: Draft = {
  article_id: "art_1",
  removed: false,
  title: "退货",
  text: "七天",
  locale: "zh-CN",
  tags: ["售后"],
  questions: [],
  updated_at: "2026-11-21T08:00:00Z",
};

describe("what a publication makes of an article", () => {
  it("is new until it is served, then changed", () => {
    expect(fateOf(draft, new Set())).toBe("new");
    expect(fateOf(draft, new Set(["art_1"]))).toBe("changed");
  });

  it("is removed whether it was served or not", () => {
    expect(fateOf({ ...draft, removed: true }, new Set(["art_1"]))).toBe("removed");
  });
});

describe("what one types", () => {
  it("loses empty lines and what stands there twice", () => {
    expect(linesOf("怎么退货\n\n 怎么退货 \n能退吗\n")).toEqual(["怎么退货", "能退吗"]);
  });

  it("parts tags at commas of any kind", () => {
    expect(tagsOf("售后，退款, 物流、 ")).toEqual(["售后", "退款", "物流"]);
  });

  it("is all that is sent of an article", () => {
    expect(Object.keys(writtenOf(draft))).toEqual(["title", "text", "locale", "tags", "questions"]);
  });
});

describe("a line of a diff", () => {
  it("is told by its first character", () => {
    expect(["+a", "-a", " a", "@@ -1 +1 @@"].map(kindOf)).toEqual(["added", "removed", "same", "place"]);
  });
});
