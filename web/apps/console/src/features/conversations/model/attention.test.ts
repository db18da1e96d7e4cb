import { describe, expect, it } from "vitest";
import { callOf } from "./attention";
import type { Conversation } from "./conversation";

const base: Conversation = {
  id: "c",
  inboxId: "i",
  contactId: "p",
  contactName: "",
  status: "open",
  assigneeId: "",
  handoffReason: "",
  waitingSince: 100_000,
  queuedAt: 0,
  snoozedUntil: 0,
  teamId: "",
  priority: "",
  labels: [],
  lastSeq: 3,
  preview: "",
  createdAt: 0,
  updatedAt: 100_000,
};
const now = { myId: "me", lookingAt: "" };
const assisted: Conversation = { ...base, status: "pending", waitingSince: 0 };
const mine: Conversation = { ...base, assigneeId: "me" };

describe("what calls me", () => {
  it("is someone new in the queue", () => {
    expect(callOf(assisted, base, now)).toBe("queue");
    expect(callOf(undefined, base, now)).toBe("queue");
  });

  it("is not who was waiting before, known to this page or not", () => {
    expect(callOf(base, { ...base, lastSeq: 4 }, now)).toBeNull();
    expect(callOf(undefined, { ...base, updatedAt: 200_000 }, now)).toBeNull();
  });

  it("is one that was given to me, and a reply in it", () => {
    expect(callOf(base, mine, now)).toBe("given");
    expect(callOf(mine, { ...mine, lastSeq: 4 }, now)).toBe("reply");
  });

  it("is not what I said myself, what a colleague has, or what is closed", () => {
    expect(callOf(mine, { ...mine, lastSeq: 4, waitingSince: 0 }, now)).toBeNull();
    expect(callOf(base, { ...base, assigneeId: "other" }, now)).toBeNull();
    expect(callOf(mine, { ...mine, status: "resolved", lastSeq: 4 }, now)).toBeNull();
  });

  it("is not what I am looking at", () => {
    expect(callOf(mine, { ...mine, lastSeq: 4 }, { ...now, lookingAt: "c" })).toBeNull();
  });
});
