import "../../../shared/testing/browser";

import type { Message, ServerFrame } from "@miaohui/protocol";
import { describe, expect, it } from "vitest";
import { addOlder, all, apply, follows, type Outgoing, position, threadOf } from "./thread";

const message = (seq: number, change: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  seq,
  sender: { kind: "visitor", id: "v" },
  kind: "text",
  text: `${seq}`,
  created_at: new Date(seq * 1000).toISOString(),
  ...change,
});

const told = (id: string, frame: object) =>
  apply(threadOf(id), { t: "frame", frame: frame as ServerFrame, now_ms: 0 });

const snapshot = (id: string, ...messages: Message[]) =>
  told(id, {
    t: "resumed",
    conv: id,
    epoch: "e1",
    recovered: false,
    snapshot: { seq: messages.at(-1)?.seq ?? 0, status: "pending", messages },
  });

describe("a thread", () => {
  it("asks for a snapshot first, and later only for what it has not seen", () => {
    expect(position("c1", threadOf("c1").get().state)).toEqual({
      conv: "c1",
      epoch: "",
      seq: 0,
      streams: [],
    });
    snapshot("c1", message(1), message(2));
    told("c1", { t: "stream.open", conv: "c1", turn: "t", stream: "s", attempt: 1 });
    told("c1", { t: "stream.delta", stream: "s", attempt: 1, i: 1, text: "您" });
    expect(position("c1", threadOf("c1").get().state)).toEqual({
      conv: "c1",
      epoch: "e1",
      seq: 2,
      streams: [{ id: "s", attempt: 1, i: 1 }],
    });
  });

  it("is not ready before the server has answered", () => {
    expect(threadOf("c2").get().ready).toBe(false);
    snapshot("c2");
    expect(threadOf("c2").get().ready).toBe(true);
  });

  it("shows a reply at once, and once only when it comes back", () => {
    snapshot("c3", message(1));
    const words: Outgoing = {
      cmid: "k",
      text: "好",
      note: true,
      state: "pending",
      code: "",
      created_at: "",
      turn: "",
    };
    apply(threadOf("c3"), { t: "queued", pending: words });
    expect(threadOf("c3").get().state.pending).toEqual([words]);
    told("c3", { t: "msg", conv: "c3", epoch: "e1", seq: 2, msg: message(2, { cmid: "k", kind: "note" }) });
    expect(threadOf("c3").get().state.pending).toEqual([]);
    expect(all(threadOf("c3").get()).map((one) => one.seq)).toEqual([1, 2]);
  });

  it("keeps what failed, with its note still a note", () => {
    const words: Outgoing = {
      cmid: "k",
      text: "好",
      note: true,
      state: "pending",
      code: "",
      created_at: "",
      turn: "",
    };
    apply(threadOf("c4"), { t: "queued", pending: words });
    apply(threadOf("c4"), { t: "gave_up", cmid: "k", code: "unavailable" });
    expect(threadOf("c4").get().state.pending[0]).toMatchObject({ state: "failed", note: true, text: "好" });
  });

  it("puts older messages before the snapshot, none twice", () => {
    snapshot("c5", message(3), message(4));
    addOlder(threadOf("c5"), [message(1), message(2), message(3)]);
    expect(all(threadOf("c5").get()).map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });
});

describe("messages that belong together", () => {
  it("are of one sender within a minute", () => {
    expect(follows(message(2), message(1))).toBe(true);
  });

  it("are not of two senders, two kinds, or two minutes", () => {
    expect(follows(message(2, { sender: { kind: "agent", id: "p" } }), message(1))).toBe(false);
    expect(follows(message(2, { kind: "note" }), message(1))).toBe(false);
    expect(follows(message(90), message(1))).toBe(false);
    expect(follows(message(1), undefined)).toBe(false);
  });
});
