import { describe, expect, it } from "vitest";
import type { Conversation } from "./conversation";
import { readPriority, readView, viewOf } from "./views";

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

  it("has a key of its own for each narrowing", () => {
    const keys = [{ view: "open" }, { view: "open", label: "a" }, { view: "open", inbox: "a" }] as const;
    expect(new Set(keys.map((filter) => viewOf(filter, "me").key)).size).toBe(3);
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
