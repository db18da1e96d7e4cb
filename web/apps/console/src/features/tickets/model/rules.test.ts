import { describe, expect, it } from "vitest";
import { entryOf, faultsOf, faultsOfTargets, unitOf } from "./rules";

describe("a rule", () => {
  it("asks for a reason or a label, and has a name and a subject", () => {
    expect([...faultsOf(entryOf(null))]).toEqual(["name", "subject", "handoff_reason"]);
    const labelled = { ...entryOf(null), name: "a", subject: "b", label: "投诉" };
    expect([...faultsOf(labelled)]).toEqual([]);
    expect([...faultsOf({ ...labelled, label: " ", handoff_reason: "sentiment" })]).toEqual([]);
  });
});

describe("targets", () => {
  it("are said in hours where they are whole hours", () => {
    expect([90, 240, 1440, 0].map(unitOf)).toEqual(["minutes", "hours", "hours", "minutes"]);
  });

  it("give what is less urgent no less time", () => {
    const targets = { urgent: 60, high: 30, medium: 120, low: 240 };
    expect(faultsOfTargets(targets)).toEqual({ high: "order" });
    expect(faultsOfTargets({ ...targets, high: 60 })).toEqual({});
  });

  it("lie between a minute and a year", () => {
    const targets = { urgent: 0, high: 1.5, medium: 120, low: 525_601 };
    expect(faultsOfTargets(targets)).toEqual({ urgent: "range", high: "range", low: "range" });
  });
});
