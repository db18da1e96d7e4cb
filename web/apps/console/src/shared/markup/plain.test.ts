import { describe, expect, it } from "vitest";
import { place, plain } from "./plain";

describe("Markdown as one line", () => {
  it("has the words and none of the marks", () => {
    const text = "**运费** [1]:\n\n- 质量问题: 商城\n- 尺码: 您\n\n| 原因 | 谁 |\n|---|---|\n| 质量 | 商城 |";
    expect(plain(text)).toBe("运费 质量问题: 商城 尺码: 您 原因 谁 质量 商城");
  });

  it("names a picture, whole or cut", () => {
    expect(plain("看\n![正面.png](/v1/media/med_0a)\n![背面](/v1/me")).toBe("看 〔正面.png〕 〔背面〕");
  });

  it("leaves ranges and times alone", () => {
    expect(plain("1-3 天, 09:00-18:00")).toBe("1-3 天, 09:00-18:00");
  });
});

describe("where a passage stands", () => {
  it("does not say the title twice", () => {
    expect(place("如何退货", "如何退货 › 运费")).toBe("运费");
    expect(place("如何退货", "如何退货")).toBe("");
  });

  it("keeps a path that does not begin with it", () => {
    expect(place("如何退货", "售后 › 运费")).toBe("售后 › 运费");
  });
});
