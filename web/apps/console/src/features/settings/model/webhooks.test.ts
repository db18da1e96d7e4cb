import { describe, expect, it } from "vitest";
import { arrived, hoursAgo, mayBeTold, standingOf } from "./webhooks";

describe("how an endpoint stands", () => {
  it("fails while it is on and every attempt fails", () => {
    expect(standingOf({ enabled: true, failing_since: "2026-11-21T08:00:00Z" })).toBe("failing");
    expect(standingOf({ enabled: true, failing_since: null })).toBe("on");
  });

  it("is off whatever came before", () => {
    expect(standingOf({ enabled: false, failing_since: "2026-11-21T08:00:00Z" })).toBe("off");
  });
});

describe("an attempt", () => {
  it("arrived with a 2xx only", () => {
    expect([200, 204, 301, 404, 500, 0].map((status) => arrived({ status }))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("what is entered", () => {
  it("is an address of the web", () => {
    expect(["https://a.example/hook", "http://a.example"].every(mayBeTold)).toBe(true);
    expect(["a.example/hook", "ftp://a.example", "javascript:alert(1)", ""].some(mayBeTold)).toBe(false);
  });

  it("counts hours back from now, without milliseconds", () => {
    expect(hoursAgo(24, Date.parse("2026-11-21T08:00:00.123Z"))).toBe("2026-11-20T08:00:00Z");
  });
});
