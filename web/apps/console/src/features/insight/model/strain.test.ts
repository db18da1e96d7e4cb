import { describe, expect, it } from "vitest";
import type { Strain } from "../api/insight";
import { isQuiet, noticeIn } from "./strain";

const calm: Strain = { step: "", why: "", since: "", nodes: 0, route: "", notices: [] };

describe("too much that is asked", () => {
  it("is said while there is any, and so is what visitors are told", () => {
    expect(isQuiet(undefined)).toBe(true);
    expect(isQuiet(calm)).toBe(true);
    expect(isQuiet({ ...calm, step: "small" })).toBe(false);
    expect(isQuiet({ ...calm, notices: [{ en: "The bank is away." }] })).toBe(false);
  });

  it("tells a notice in the reader's language, or in the one that there is", () => {
    expect(noticeIn({ en: "Away.", "zh-CN": "不在。" }, "zh-CN")).toBe("不在。");
    expect(noticeIn({ en: "Away." }, "zh-CN")).toBe("Away.");
    expect(noticeIn({}, "en")).toBe("");
  });
});
