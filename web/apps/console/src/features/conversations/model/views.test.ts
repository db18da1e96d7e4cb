import { describe, expect, it } from "vitest";
import type { Conversation } from "./conversation";
import { filterOf, isSame, readPriority, readView, savedOf, viewOf } from "./views";

const one = (more: Partial<Conversation> = {}): Conversation => ({
  id: "conv_1",
  inboxId: "inb_1",
  contactId: "cont_1",
  contactName: "",
  status: "open",
  assigneeId: "",
  handoffReason: "",
  waitingSince: 1,
  queuedAt: 1,
  snoozedUntil: 0,
  teamId: "",
  priority: "",
  labels: [],
  lastSeq: 1,
  preview: "",
  createdAt: 0,
  updatedAt: 0,
  ...more,
});

describe("a view", () => {
  it("of the queue holds what is for people and nobody has", () => {
    const { holds } = viewOf({ view: "waiting" }, "me");
    expect(holds(one())).toBe(true);
    expect([one({ assigneeId: "me" }), one({ status: "pending" })].some(holds)).toBe(false);
  });

  it("of mine holds mine only", () => {
    const { holds } = viewOf({ view: "mine" }, "me");
    expect(holds(one({ assigneeId: "me" }))).toBe(true);
    expect(holds(one({ assigneeId: "you" }))).toBe(false);
  });

  it("is narrowed by every condition at once", () => {
    const { holds } = viewOf({ view: "waiting", priority: "urgent", label: "退款", inbox: "inb_1" }, "me");
    const fits = one({ priority: "urgent", labels: ["退款", "老客户"] });
    expect(holds(fits)).toBe(true);
    expect(holds({ ...fits, priority: "high" })).toBe(false);
    expect(holds({ ...fits, labels: [] })).toBe(false);
    expect(holds({ ...fits, inboxId: "inb_2" })).toBe(false);
  });

  it("of a team or a colleague holds theirs only", () => {
    const { holds } = viewOf({ view: "open", team: "team_1", assignee: "per_1" }, "me");
    expect(holds(one({ teamId: "team_1", assigneeId: "per_1" }))).toBe(true);
    expect(holds(one({ teamId: "team_1", assigneeId: "per_2" }))).toBe(false);
    expect(holds(one({ teamId: "", assigneeId: "per_1" }))).toBe(false);
    expect(viewOf({ view: "waiting", assignee: "per_1" }, "me").holds(one())).toBe(true);
  });

  it("has a key of its own for each narrowing", () => {
    const keys = [{ view: "open" }, { view: "open", label: "a" }, { view: "open", inbox: "a" }] as const;
    expect(new Set(keys.map((filter) => viewOf(filter, "me").key)).size).toBe(3);
  });
});

describe("a view with a name", () => {
  it("asks for what was asked for when it was named", () => {
    const filter = { view: "open", team: "team_1", priority: "high" } as const;
    const saved = savedOf(filter, "急的");
    expect([saved.name, saved.status, saved.inbox_id]).toEqual(["急的", "open", ""]);
    expect(isSame(filterOf(saved), filter)).toBe(true);
    expect(isSame(filterOf(saved), { ...filter, label: "退款" })).toBe(false);
    expect(isSame(filterOf(saved), { ...filter, view: "mine" })).toBe(false);
  });
});

describe("the address", () => {
  it("names views and priorities that there are", () => {
    expect([readView("snoozed"), readView("nonsense"), readView(undefined)]).toEqual([
      "snoozed",
      "waiting",
      "waiting",
    ]);
    expect([readPriority("high"), readPriority("none"), readPriority("")]).toEqual([
      "high",
      undefined,
      undefined,
    ]);
  });
});
