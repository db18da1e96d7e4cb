import { describe, expect, it } from "vitest";
import { snoozes, stampOf } from "./snooze";

const at = (name: string, now: Date) => snoozes(now).find((one) => one.name === name)?.at;

describe("putting a conversation off", () => {
  const saturday = new Date(2026, 10, 21, 17, 30);

  it("counts hours from now", () => {
    expect(at("hour", saturday)).toEqual(new Date(2026, 10, 21, 18, 30));
    expect(at("three_hours", saturday)).toEqual(new Date(2026, 10, 21, 20, 30));
  });

  it("means mornings, over the end of a month too", () => {
    expect(at("tomorrow", new Date(2026, 10, 30, 23))).toEqual(new Date(2026, 11, 1, 9));
    expect(at("monday", saturday)).toEqual(new Date(2026, 10, 23, 9));
  });

  it("never means today when today is Monday", () => {
    expect(at("monday", new Date(2026, 10, 23, 8))).toEqual(new Date(2026, 10, 30, 9));
    expect(at("monday", new Date(2026, 10, 22, 8))).toEqual(new Date(2026, 10, 23, 9));
  });

  it("is told to the second, in UTC", () => {
    expect(stampOf(new Date(Date.UTC(2026, 10, 21, 8, 0, 0, 123)))).toBe("2026-11-21T08:00:00Z");
  });
});
