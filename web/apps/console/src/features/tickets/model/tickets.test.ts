import "../../../shared/testing/browser";

import { describe, expect, it } from "vitest";
import { asked } from "../api/tickets";
import { beside, dueOf, spanOf, wantedOf } from "./tickets";

const now = Date.parse("2026-11-21T08:00:00Z");
const at = (due_at: string | null, more: object = {}) =>
  dueOf({ status: "open", due_at, overdue: false, ...more }, now);

describe("the clock of a ticket", () => {
  it("grows amber in its last hour, and red when it is over", () => {
    expect(at("2026-11-21T12:00:00Z")).toEqual({ word: "due", tone: "calm", minutes: 240 });
    expect(at("2026-11-21T08:59:00Z")).toEqual({ word: "due", tone: "amber", minutes: 59 });
    expect(at("2026-11-21T07:00:00Z")).toEqual({ word: "overdue", tone: "red", minutes: 60 });
  });

  it("stands still while somebody outside is waited for, and is nothing once it is done", () => {
    expect(at(null).word).toBe("stopped");
    expect(at("2026-11-20T00:00:00Z", { status: "done" })).toMatchObject({ word: "done", tone: "calm" });
  });

  it("is told in the unit that one would say", () => {
    expect([spanOf(90), spanOf(180), spanOf(4 * 24 * 60)]).toEqual([
      ["minutes", 90],
      ["hours", 3],
      ["days", 4],
    ]);
  });
});

describe("the address", () => {
  it("asks for what it names, and for nothing that there is not", () => {
    expect(asked(wantedOf({ status: "waiting", whose: "me", overdue: "1" }))).toBe(
      "?status=waiting&assignee_id=me&overdue=true",
    );
    expect(asked(wantedOf({ status: "nonsense", whose: "you", priority: "x", overdue: "0" }))).toBe("");
  });
});

describe("the board", () => {
  it("ends at both sides", () => {
    expect([beside("open", 1), beside("open", -1), beside("done", 1), beside("done", -1)]).toEqual([
      "in_progress",
      null,
      null,
      "waiting",
    ]);
  });
});
