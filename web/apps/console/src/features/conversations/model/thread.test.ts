import "../../../shared/testing/browser";

import type { Message, ServerFrame } from "@miaohui/client";
import { describe, expect, it } from "vitest";
import { addOlder, all, apply, awaitsAnswer, follows, type Outgoing, position, threadOf } from "./thread";

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
    expect(position(threadOf("c1").get().state)).toEqual({
      epoch: "",
      seq: 0,
      streams: [],
    });
    snapshot("c1", message(1), message(2));
    told("c1", { t: "stream.open", conv: "c1", turn: "t", stream: "s", attempt: 1 });
    told("c1", { t: "stream.delta", stream: "s", attempt: 1, i: 1, text: "您" });
    expect(position(threadOf("c1").get().state)).toEqual({
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

describe("an answer that is owed", () => {
  const at = (seq: number) => seq * 1000 + 500;
  const asked = (id: string, status: string) => {
    snapshot(id);
    told(id, { t: "conv", conv: { id, status } });
    told(id, { t: "msg", conv: id, epoch: "e1", seq: 1, msg: message(1, { turn: "t1" }) });
    return threadOf(id);
  };

  it("is awaited while the assistant has the conversation, and no longer than it may take", () => {
    const thread = asked("c6", "pending").get();
    expect(awaitsAnswer(thread, at(1))).toBe(true);
    expect(awaitsAnswer(thread, at(200))).toBe(false);
  });

  it("is not awaited from the assistant for what was said to a person, also after handing back", () => {
    asked("c7", "open");
    told("c7", { t: "conv", conv: { id: "c7", status: "pending" } });
    expect(awaitsAnswer(threadOf("c7").get(), at(1))).toBe(false);
  });

  it("is not awaited once it is there", () => {
    asked("c8", "pending");
    const answer = message(2, { sender: { kind: "assistant", id: "a" }, turn: "t1", final: true });
    told("c8", { t: "msg", conv: "c8", epoch: "e1", seq: 2, msg: answer });
    expect(awaitsAnswer(threadOf("c8").get(), at(2))).toBe(false);
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
