import { describe, expect, it } from "vitest";
import { arrange, type Conversation } from "./conversation";
import { applyChange, type Page } from "./feed";

const conversation = (id: string, change: Partial<Conversation> = {}): Conversation => ({
  id,
  inboxId: "inb",
  contactId: "cont",
  contactName: id,
  status: "open",
  assigneeId: "",
  handoffReason: "",
  waitingSince: 0,
  lastSeq: 1,
  preview: "",
  createdAt: 0,
  updatedAt: 100,
  ...change,
});

const pages = (...ids: string[]): Page[] => [{ data: ids.map((id) => conversation(id)), nextCursor: "" }];
const idsOf = (list: readonly Page[]) => list.flatMap((page) => page.data.map((one) => one.id));

describe("a change that the feed tells", () => {
  it("puts a conversation into the view that it belongs to now", () => {
    expect(idsOf(applyChange(pages("a"), conversation("b"), "open"))).toEqual(["b", "a"]);
  });

  it("takes it out of the view that it has left", () => {
    const resolved = conversation("a", { status: "resolved", updatedAt: 200 });
    expect(idsOf(applyChange(pages("a", "b"), resolved, "open"))).toEqual(["b"]);
  });

  it("leaves views alone that it never was in", () => {
    const before = pages("a");
    expect(applyChange(before, conversation("b"), "resolved")).toBe(before);
  });

  it("does not let an older word replace a newer one", () => {
    const late = conversation("a", { preview: "old", updatedAt: 50 });
    expect(applyChange(pages("a"), late, "open")[0]?.data[0]?.preview).toBe("");
  });

  it("never lists a conversation twice", () => {
    const two: Page[] = [...pages("a"), ...pages("b")];
    expect(idsOf(applyChange(two, conversation("b", { updatedAt: 200 }), "open"))).toEqual(["a", "b"]);
  });
});

describe("the order of a list", () => {
  const list = [
    conversation("served", { updatedAt: 900 }),
    conversation("short", { waitingSince: 500, updatedAt: 500 }),
    conversation("long", { waitingSince: 100, updatedAt: 100 }),
  ];

  it("begins with who waits longest, where people wait", () => {
    expect(arrange(list, "open").map((one) => one.id)).toEqual(["long", "short", "served"]);
  });

  it("begins with what moved last, elsewhere", () => {
    expect(arrange(list, "resolved").map((one) => one.id)).toEqual(["served", "short", "long"]);
  });
});
