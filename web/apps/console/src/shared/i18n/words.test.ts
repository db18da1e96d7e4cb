import { describe, expect, it } from "vitest";
import { en } from "./en";
import { zhCN } from "./zh-CN";

const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the words", () => {
  it("are the same in both languages, with the same holes", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zhCN).sort());
    for (const [word, text] of Object.entries(zhCN)) {
      expect([word, holes(en[word as keyof typeof en])]).toEqual([word, holes(text)]);
    }
  });

  it("leave nothing unsaid", () => {
    for (const text of [...Object.values(zhCN), ...Object.values(en)]) expect(text.trim()).not.toBe("");
  });
});
