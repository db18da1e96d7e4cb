import { describe, expect, it } from "vitest";
import { budgets, type Limits, type OwnLimits } from "../api/limits";
import { allFit, fits, groups, isChanged, rangeOf } from "./limits";

const none: OwnLimits = {
  visitor_messages_per_minute: null,
  visitor_burst: null,
  visitor_pictures_per_minute: null,
  message_bytes: null,
  tenant_messages_per_minute: null,
  tenant_burst: null,
  tenant_pictures_per_minute: null,
  handoff_unanswered: null,
  handoff_upset: null,
  handoff_turns: null,
  handoff_tool_failure: null,
  cost_day_micro: null,
  cost_month_micro: null,
  version: 0,
};
const most = {
  visitor_messages_per_minute: 30,
  visitor_burst: 10,
  visitor_pictures_per_minute: 12,
  message_bytes: 16_384,
  tenant_messages_per_minute: 60_000,
  tenant_burst: 3_000,
  tenant_pictures_per_minute: 600,
  handoff_unanswered: 100,
  handoff_upset: 3,
  handoff_turns: 10_000,
  cost_day_micro: 50_000_000,
  cost_month_micro: 1_000_000_000,
};
const unspent = { spent_micro: 0, budget_micro: 0, ends_at: "2026-12-01T00:00:00.000Z" };
const limits: Limits = { own: none, installation: none, most, spending: { day: unspent, month: unspent } };

describe("a company's limits", () => {
  it("go as far as the installation, and never to nothing", () => {
    expect(rangeOf("visitor_burst", limits)).toEqual({ least: 1, most: 10 });
    expect(fits("visitor_burst", 10, limits)).toBe(true);
    expect(fits("visitor_burst", 11, limits)).toBe(false);
    expect(fits("visitor_burst", 0, limits)).toBe(false);
    expect(fits("message_bytes", 99, limits)).toBe(false);
  });

  it("turn a rule off with 0, and take whole numbers alone", () => {
    expect(fits("handoff_turns", 0, limits)).toBe(true);
    expect(fits("handoff_turns", 1.5, limits)).toBe(false);
    expect(fits("handoff_turns", null, limits)).toBe(true);
  });

  it("are right together only when each is", () => {
    expect(allFit({ ...none, visitor_burst: 3 }, limits)).toBe(true);
    expect(allFit({ ...none, visitor_burst: 3, handoff_upset: 4 }, limits)).toBe(false);
    expect(allFit({ ...none, cost_day_micro: 50_000_000 }, limits)).toBe(true);
    expect(allFit({ ...none, cost_day_micro: 50_000_001 }, limits)).toBe(false);
  });

  it("tell a change from none, whatever their version", () => {
    expect(isChanged({ ...none, version: 3 }, none)).toBe(false);
    expect(isChanged({ ...none, handoff_tool_failure: false }, none)).toBe(true);
    expect(isChanged({ ...none, handoff_upset: 0 }, none)).toBe(true);
    expect(isChanged({ ...none, cost_month_micro: 1 }, none)).toBe(true);
  });

  it("are all shown, each once", () => {
    const shown: string[] = [...groups.flatMap((one) => [...one.names]), ...budgets];
    expect([...shown].sort()).toEqual(Object.keys(most).sort());
  });
});
