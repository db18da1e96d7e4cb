import { describe, expect, it } from "vitest";
import { holidaysOf, holidaysText, spansOf, textOf, usual } from "./hours";

describe("the hours of a day", () => {
  it("are read back as they were written", () => {
    const spans = [
      { start: 540, end: 720 },
      { start: 810, end: 1440 },
    ];
    expect(textOf(spans)).toBe("09:00-12:00, 13:30-24:00");
    expect(spansOf(textOf(spans))).toEqual(spans);
  });

  it("take the signs of a Chinese keyboard, and nothing for a closed day", () => {
    expect(spansOf("9：00至12：00，13:30–18:00")).toEqual([
      { start: 540, end: 720 },
      { start: 810, end: 1080 },
    ]);
    expect(spansOf(" ")).toEqual([]);
  });

  it("are refused when they end before they begin, or are no times", () => {
    expect(["18:00-09:00", "9-18", "09:00-25:00", "09:75-10:00", "hello"].map(spansOf)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("days with hours of their own", () => {
  it("are closed without any, and one a line", () => {
    const text = "2026-10-01\n2026-10-08 10:00-16:00";
    expect(holidaysOf(text)).toEqual({ "2026-10-01": [], "2026-10-08": [{ start: 600, end: 960 }] });
    expect(holidaysText(holidaysOf(text) ?? {})).toBe(text);
  });

  it("are refused when one is no day", () => {
    expect(holidaysOf("October 1st")).toBeNull();
  });
});

describe("hours to begin with", () => {
  it("are working days only", () => {
    expect(usual("Asia/Shanghai").week.map((day) => day.length)).toEqual([1, 1, 1, 1, 1, 0, 0]);
  });
});
