import { describe, expect, it } from "vitest";
import type { Figures, OverTime } from "../api/insight";
import { changeOf, lines, type Measure, measures, reasons, said } from "./figures";
import { before, readDays, stretchOf } from "./period";

const none: Figures = {
  conversations: 0,
  messages: 0,
  handed_off: 0,
  handoff_reasons: {},
  first_response_s: null,
  first_response_p90_s: null,
  resolved: 0,
  resolution_s: null,
  involvement: null,
  resolution: null,
  automation: null,
  good: 0,
  bad: 0,
  csat: null,
  scored: 0,
  score: null,
  content: null,
  reopened: 0,
  cost_micro: 0,
  cost_per_conversation_micro: null,
};

const over = (...counts: number[]): OverTime => ({
  steps: counts.map((conversations) => ({ at: "", figures: { ...none, conversations } })),
  total: none,
  previous: none,
  complete: true,
});

describe("a period", () => {
  const now = new Date(2026, 10, 21, 17, 30);

  it("begins at a midnight and has today in it", () => {
    expect(stretchOf(7, now).since).toBe(new Date(2026, 10, 15).toISOString().replace(".000", ""));
    expect(stretchOf(7, now)).toMatchObject({ step: "day", offsetMinutes: -now.getTimezoneOffset() });
    expect(stretchOf(1, now).step).toBe("hour");
  });

  it("is compared to as many days that ended where it begins", () => {
    const earlier = before(7, now);
    expect(earlier.until).toBe(stretchOf(7, now).since);
    expect(earlier.since).toBe(new Date(2026, 10, 8).toISOString().replace(".000", ""));
  });

  it("is a week when the address says nothing sensible", () => {
    expect([readDays("30"), readDays("31"), readDays(undefined)]).toEqual([30, 7, 7]);
  });
});

describe("a figure", () => {
  it("is said in the reader's units", () => {
    expect([
      said(12_345, "count", "zh-CN"),
      said(12_345, "count", "en"),
      said(980, "count", "zh-CN"),
    ]).toEqual(["1.2万", "12,345", "980"]);
    expect([said(0.684, "share", "en"), said(null, "share", "en")]).toEqual(["68%", "—"]);
    expect([said(80, "seconds", "zh-CN"), said(600, "seconds", "en"), said(9000, "seconds", "en")]).toEqual([
      "80秒",
      "10 min",
      "3 h",
    ]);
    expect([said(4.25, "score", "en"), said(null, "score", "en")]).toEqual(["4.3", "—"]);
    expect([said(12_300, "money", "en"), said(2_500_000, "money", "en")]).toEqual(["¥0.0123", "¥2.50"]);
  });

  it("is compared only where there is something to compare it to", () => {
    expect(changeOf(112, 100)).toEqual({ word: "insight.more", percent: 12 });
    expect(changeOf(50, 100)).toEqual({ word: "insight.less", percent: 50 });
    expect(changeOf(100, 100)?.word).toBe("insight.same");
    expect([changeOf(5, 0), changeOf(null, 3), changeOf(3, null)]).toEqual([null, null, null]);
  });
});

describe("a chart", () => {
  it("lays what was before beside what is now, and no further", () => {
    const volume = measures[0] as Measure;
    expect(lines(volume, over(1, 2), over(5, 6, 7))).toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect(lines(volume, over(1, 2), undefined)).toEqual([[1, 2], []]);
  });

  it("of reasons begins with the most frequent", () => {
    const figures = { ...none, handoff_reasons: { sentiment: 1, customer_request: 4, tool_failure: 1 } };
    expect(reasons(figures).map(([name]) => name)).toEqual(["customer_request", "sentiment", "tool_failure"]);
  });
});
