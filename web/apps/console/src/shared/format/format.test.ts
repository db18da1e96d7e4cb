import { describe, expect, it } from "vitest";
import { duration, stamp, toMs } from "./time";
import { urgency } from "./waiting";

const at = (text: string) => new Date(text).getTime();

describe("how long somebody waits", () => {
  it("is told to the second", () => {
    expect([0, 40_000, 725_999, 11_220_000].map(duration)).toEqual(["0:00", "0:40", "12:05", "3:07:00"]);
  });

  it("is never less than nothing, whatever the clocks say", () => {
    expect(duration(-5000)).toBe("0:00");
  });

  it("presses more the longer it is", () => {
    expect([29_999, 30_000, 119_999, 120_000].map(urgency)).toEqual(["calm", "amber", "amber", "red"]);
  });
});

describe("when it was", () => {
  const now = at("2026-11-20T15:00:00");

  it("is a time today, a day this year, a date before", () => {
    expect(stamp(at("2026-11-20T08:05:00"), now, "zh-CN")).toBe("08:05");
    expect(stamp(at("2026-03-09T08:05:00"), now, "zh-CN")).toBe("3/9");
    expect(stamp(at("2025-03-09T08:05:00"), now, "zh-CN")).toBe("2025/3/9");
  });

  it("is 0 when there is none", () => {
    expect([toMs(null), toMs(undefined), toMs(""), toMs("nonsense")]).toEqual([0, 0, 0, 0]);
    expect(toMs("1970-01-01T00:00:01Z")).toBe(1000);
  });
});
