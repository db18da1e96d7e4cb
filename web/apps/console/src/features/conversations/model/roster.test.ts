import "../../../shared/testing/browser";

import { describe, expect, it } from "vitest";
import type { Conversation } from "./conversation";
import { Roster } from "./roster";
import { viewOf } from "./views";

const me = "person_me";
const waiting = viewOf({ view: "waiting" }, me);
const resolved = viewOf({ view: "resolved" }, me);

function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  const usual = {
    id,
    inboxId: "inb",
    contactId: "cont",
    contactName: id,
    status: "open",
    assigneeId: "",
  } as const;
  const empty = { handoffReason: "", preview: "", teamId: "", priority: "", labels: [] } as const;
  const times = {
    waitingSince: 1000,
    queuedAt: 0,
    snoozedUntil: 0,
    lastSeq: 1,
    createdAt: 0,
    updatedAt: 100,
  };
  return { ...usual, ...empty, ...times, ...change };
}

/** A roster that flushes only when told to. */
function quiet(): Roster {
  return new Roster(() => undefined);
}

const ids = (roster: Roster, view = waiting) =>
  roster
    .listing(view)
    .get()
    .rows.map((one) => one.id);
const page = (nextCursor: string, ...data: Conversation[]) => ({ data, nextCursor });

describe("a roster", () => {
  it("puts a conversation into the view that it belongs to now, where its order says", () => {
    const roster = quiet();
    roster.read(waiting, page("", conversation("a"), conversation("c", { waitingSince: 3000 })), true);
    roster.hear(conversation("b", { waitingSince: 2000 }));
    roster.flush();
    expect(ids(roster)).toEqual(["a", "b", "c"]);
  });

  it("takes it out of the view that it has left, and into the other", () => {
    const roster = quiet();
    roster.read(waiting, page("", conversation("a"), conversation("b", { waitingSince: 2000 })), true);
    roster.read(resolved, page(""), true);
    roster.hear(conversation("a", { status: "resolved", updatedAt: 200 }));
    roster.flush();
    expect(ids(roster)).toEqual(["b"]);
    expect(ids(roster, resolved)).toEqual(["a"]);
  });

  it("leaves views alone that it does not touch", () => {
    const roster = quiet();
    roster.read(resolved, page(""), true);
    const before = roster.listing(resolved).get();
    roster.hear(conversation("a"));
    roster.flush();
    expect(roster.listing(resolved).get()).toBe(before);
  });

  it("does not let an older word replace a newer one, from the feed or from a page", () => {
    const roster = quiet();
    roster.read(waiting, page("", conversation("a", { preview: "new", updatedAt: 300 })), true);
    roster.hear(conversation("a", { preview: "old", updatedAt: 200 }));
    roster.flush();
    expect(roster.find("a")?.preview).toBe("new");
    roster.read(waiting, page("", conversation("a", { preview: "older", updatedAt: 100 })), true);
    expect(roster.listing(waiting).get().rows[0]?.preview).toBe("new");
  });

  it("never lists a conversation twice, though it moved to a page that was not read yet", () => {
    const roster = quiet();
    roster.read(waiting, page("more", conversation("a"), conversation("b", { waitingSince: 2000 })), true);
    roster.read(
      waiting,
      page("", conversation("b", { waitingSince: 2000 }), conversation("c", { waitingSince: 9 })),
      false,
    );
    expect(ids(roster)).toEqual(["c", "a", "b"]);
  });

  it("waits for the page on which a conversation stands, when that page is still to come", () => {
    const roster = quiet();
    roster.read(waiting, page("more", conversation("a")), true);
    roster.hear(conversation("z", { waitingSince: 9000 }));
    roster.flush();
    expect(ids(roster)).toEqual(["a"]);
  });

  it("gathers changes: many of them, one redraw", () => {
    let asked = 0;
    const roster = new Roster(() => {
      asked += 1;
    });
    roster.read(waiting, page("", conversation("a")), true);
    let drawn = 0;
    roster.listing(waiting).subscribe(() => {
      drawn += 1;
    });
    for (let n = 0; n < 50; n++) roster.hear(conversation(`x${n}`, { waitingSince: 2000 + n }));
    roster.flush();
    expect([asked, drawn, ids(roster).length]).toEqual([1, 1, 51]);
  });
});

describe("the order of a list", () => {
  it("begins with who waits longest; who is served comes last", () => {
    const roster = quiet();
    const rows = [
      conversation("served", { waitingSince: 0, updatedAt: 900 }),
      conversation("short", { waitingSince: 500 }),
      conversation("long", { waitingSince: 100 }),
    ];
    roster.read(waiting, page("", ...rows), true);
    expect(ids(roster)).toEqual(["long", "short", "served"]);
  });

  it("begins with what moved last, where nobody waits", () => {
    const roster = quiet();
    const one = (id: string, updatedAt: number) => conversation(id, { status: "resolved", updatedAt });
    roster.read(resolved, page("", one("old", 1), one("new", 2)), true);
    expect(ids(roster, resolved)).toEqual(["new", "old"]);
  });
});
