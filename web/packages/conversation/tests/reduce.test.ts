import { createHash } from "node:crypto";
import type { Message, ServerFrame } from "@miaohui/client";
import { describe, expect, it } from "vitest";
import { reduce, runningTurn, unread } from "../src/reduce";
import { EMPTY, type State } from "../src/state";

const NOW = Date.parse("2026-11-20T08:00:00Z");
const AT = "2026-11-20T08:00:00.000Z";

const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  seq,
  sender: { kind: "visitor", id: "c1", name: "" },
  kind: "text",
  text: `text ${seq}`,
  created_at: AT,
  ...more,
});

const ASSISTANT = { kind: "assistant", id: "i1", name: "小杉" } as const;

const answer = (seq: number, turn: string, text: string): Message =>
  message(seq, { id: `a${seq}`, sender: ASSISTANT, turn, final: true, text });

const posted = (msg: Message, epoch = "e1"): ServerFrame => ({
  t: "msg",
  conv: "c9",
  epoch,
  seq: msg.seq,
  msg,
});

const open: State = { ...EMPTY, conv: "c9", epoch: "e1" };

const having = (state: State, ...frames: ServerFrame[]): State =>
  frames.reduce((so_far, frame) => reduce(so_far, { t: "frame", frame, now_ms: NOW }), state);

const delta = (i: number, text: string, attempt = 1): ServerFrame => ({
  t: "stream.delta",
  stream: "s1",
  attempt,
  i,
  text,
});

const begin: ServerFrame = { t: "stream.open", conv: "c9", turn: "t1", stream: "s1", attempt: 1 };

const end = (text: string, n: number, attempt = 1): ServerFrame => ({
  t: "stream.end",
  conv: "c9",
  stream: "s1",
  attempt,
  n,
  seq: 2,
  msg: "a2",
  sha256: createHash("sha256").update(text).digest("hex"),
});

describe("what is said to a person", () => {
  const ack: ServerFrame = { t: "ack", cmid: "k", msg: "m1", seq: 1, conv: "c9", turn: "t1" };
  const said = posted(message(1, { turn: "t1", cmid: "k" }));
  const handedBack: ServerFrame = { t: "conv", conv: { id: "c9", status: "pending" } };

  it("is owed no answer by the assistant, also once it is back", () => {
    const after = having({ ...open, status: "open" }, ack, said, handedBack);
    expect(runningTurn(after, NOW)).toBe("");
  });

  it("is owed one while the assistant has the conversation", () => {
    expect(runningTurn(having(open, ack, said), NOW)).toBe("t1");
  });
});

describe("messages", () => {
  it("stand by seq whatever order they come in", () => {
    const state = having(open, posted(message(2)), posted(message(1)), posted(message(3)));
    expect(state.messages.map((one) => one.seq)).toEqual([1, 2, 3]);
    expect(state.seq).toBe(3);
  });

  it("are shown once when they come twice", () => {
    const state = having(open, posted(message(1)), posted(message(1)));
    expect(state.messages).toHaveLength(1);
  });

  it("of another conversation or another epoch are not taken", () => {
    expect(having(open, { t: "msg", conv: "other", epoch: "e1", msg: message(1) }).messages).toHaveLength(0);
    expect(having(open, posted(message(1), "e2")).messages).toHaveLength(0);
  });

  it("of others count as unread until they were looked at", () => {
    const state = having(open, posted(message(1)), posted(answer(2, "t1", "好")));
    expect(unread(state)).toBe(1);
    expect(unread(reduce(state, { t: "looked" }))).toBe(0);
  });
});

describe("a message that is sent", () => {
  const pending = { cmid: "x1", text: "你好", state: "pending" as const, code: "", created_at: AT, turn: "" };
  const queued = reduce(open, { t: "queued", pending });
  const ack: ServerFrame = { t: "ack", cmid: "x1", msg: "m1", seq: 1, conv: "c9", turn: "t1" };

  it("is accepted by its ack and settled by the list", () => {
    const accepted = having(queued, ack);
    expect(accepted.pending).toMatchObject([{ state: "accepted" }]);
    const settled = having(accepted, posted(message(1, { cmid: "x1" })));
    expect(settled.pending).toEqual([]);
    expect(settled.messages).toHaveLength(1);
  });

  it("is settled when the list tells before the ack does", () => {
    const state = having(queued, posted(message(1, { cmid: "x1" })), ack);
    expect(state.pending).toEqual([]);
    expect(state.messages).toHaveLength(1);
  });

  it("is settled by the id of its ack too, whichever comes first", () => {
    for (const frames of [
      [ack, posted(message(1))],
      [posted(message(1)), ack],
    ]) {
      const state = having(queued, ...frames);
      expect(state.pending).toEqual([]);
      expect(state.messages).toHaveLength(1);
    }
  });

  it("does not move the position by its ack: what is before it may still be on its way", () => {
    expect(having(queued, { ...ack, seq: 7 } as ServerFrame).seq).toBe(0);
  });

  it("keeps its client id over failure and retry", () => {
    const failed = reduce(queued, { t: "gave_up", cmid: "x1", code: "throttled" });
    expect(failed.pending).toMatchObject([{ state: "failed", code: "throttled" }]);
    expect(reduce(failed, { t: "retried", cmid: "x1" }).pending).toMatchObject([
      { cmid: "x1", state: "pending" },
    ]);
  });

  it("names the conversation that it began", () => {
    const state = having(reduce(EMPTY, { t: "queued", pending }), ack);
    expect(state.conv).toBe("c9");
  });
});

describe("a stream", () => {
  it("grows by its deltas in order, each once", () => {
    const state = having(open, begin, delta(1, "您"), delta(2, "好"), delta(2, "好"), delta(1, "您"));
    expect(state.streams.s1).toMatchObject({ text: "您好", i: 2, broken: false });
  });

  it("with a missing delta is not trusted, and heals when that comes", () => {
    const broken = having(open, begin, delta(1, "您"), delta(3, "!"));
    expect(broken.streams.s1).toMatchObject({ text: "您", i: 1, broken: true });
    expect(having(broken, delta(2, "好")).streams.s1).toMatchObject({ text: "您好", broken: false });
  });

  it("never joins the text of two attempts", () => {
    const reset: ServerFrame = { t: "stream.reset", stream: "s1", attempt: 2, reason: "node_lost" };
    const state = having(open, begin, delta(1, "旧"), reset, delta(2, "旧尾"), delta(1, "新", 2));
    expect(state.streams.s1).toMatchObject({ text: "新", attempt: 2 });
  });

  it("begins anew when the reset itself was lost", () => {
    expect(having(open, begin, delta(1, "旧"), delta(1, "新", 2)).streams.s1).toMatchObject({ text: "新" });
    expect(having(open, begin, delta(1, "旧"), delta(2, "尾", 2)).streams.s1).toMatchObject({
      text: "",
      broken: true,
    });
  });

  it("that already is a message stays one, though its last pieces come late", () => {
    const settled = having(open, begin, delta(1, "您"), posted(answer(2, "t1", "您好")));
    const state = having(settled, delta(2, "好"), end("您好", 2));
    expect(state.streams).toEqual({});
    expect(state.messages).toHaveLength(1);
  });

  it("gives way to its message, whichever comes first", () => {
    const one = having(open, begin, delta(1, "好"), end("好", 1), posted(answer(2, "t1", "好")));
    const other = having(open, begin, delta(1, "好"), posted(answer(2, "t1", "好")), end("好", 1));
    for (const state of [one, other]) {
      expect(state.streams).toEqual({});
      expect(state.messages.map((message) => message.text)).toEqual(["好"]);
    }
  });

  it("whose hash is right stays in sight until its message comes", () => {
    expect(having(open, begin, delta(1, "好"), end("好", 1)).streams.s1?.text).toBe("好");
  });

  it("whose hash or length is wrong is not shown any longer", () => {
    expect(having(open, begin, delta(1, "好"), end("坏", 1)).streams.s1?.text).toBe("");
    expect(having(open, begin, delta(1, "好"), end("好", 2)).streams.s1?.text).toBe("");
  });
});

describe("a turn", () => {
  const asked = having(open, posted(message(1, { turn: "t1" })));

  it("runs from its question to its answer", () => {
    expect(runningTurn(asked, NOW)).toBe("t1");
    expect(runningTurn(having(asked, posted(answer(2, "t1", "好"))), NOW)).toBe("");
  });

  it("that failed is over and leaves no half answer", () => {
    const failed = having(asked, begin, delta(1, "半"), {
      t: "turn.end",
      conv: "c9",
      turn: "t1",
      state: "failed",
      reason: "timeout",
      retryable: true,
    });
    expect(runningTurn(failed, NOW)).toBe("");
    expect(failed.streams).toEqual({});
    expect(failed.turns.t1).toMatchObject({ state: "failed", retryable: true });
  });

  it("is not waited for for ever", () => {
    expect(runningTurn(asked, NOW + 91_000)).toBe("");
  });
});

describe("coming back", () => {
  it("keeps what is there when the server can go on from it", () => {
    const state = having(open, posted(message(1)), {
      t: "resumed",
      conv: "c9",
      epoch: "e1",
      recovered: true,
    });
    expect(state.messages).toHaveLength(1);
  });

  it("takes the snapshot when it cannot, and drops streams of the old history", () => {
    const before = having(open, posted(message(1)), begin, delta(1, "半"));
    const snapshot = { messages: [message(1, { id: "z1", text: "other" })], seq: 1 };
    const state = having(before, { t: "resumed", conv: "c9", epoch: "e2", recovered: false, snapshot });
    expect(state).toMatchObject({ epoch: "e2", seq: 1, streams: {} });
    expect(state.messages.map((one) => one.text)).toEqual(["other"]);
  });

  it("finds in the snapshot what it had not seen acknowledged", () => {
    const pending = {
      cmid: "x1",
      text: "你好",
      state: "pending" as const,
      code: "",
      created_at: AT,
      turn: "",
    };
    const queued = reduce(open, { t: "queued", pending });
    const snapshot = { messages: [message(1, { cmid: "x1" })], seq: 1 };
    expect(
      having(queued, { t: "resumed", conv: "c9", epoch: "e1", recovered: false, snapshot }).pending,
    ).toEqual([]);
  });

  it("follows who owns the conversation", () => {
    expect(having(open, { t: "conv", conv: { id: "c9", status: "open" } }).status).toBe("open");
    expect(having(open, { t: "conv", conv: { id: "other", status: "open" } }).status).toBe("pending");
  });
});

describe("the place in the queue", () => {
  const told: ServerFrame = { t: "queue.updated", conv: "c9", position: 3, estimate_s: 120 };
  const waiting = having({ ...open, status: "open" }, told);

  it("is what was told last", () => {
    expect(waiting.place).toMatchObject({ position: 3, estimate_s: 120 });
    expect(having(waiting, { ...told, position: 2 }).place?.position).toBe(2);
  });

  it("is gone once somebody serves, or nobody is waited for", () => {
    const changed = (status: "open" | "resolved", assignee_id = ""): ServerFrame => ({
      t: "conv",
      conv: { id: "c9", status, assignee_id },
    });
    expect(having(waiting, changed("open")).place?.position).toBe(3);
    expect(having(waiting, changed("open", "per_1")).place).toBeNull();
    expect(having(waiting, changed("resolved")).place).toBeNull();
  });

  it("of another conversation is not ours", () => {
    expect(having({ ...open, status: "open" }, { ...told, conv: "other" }).place).toBeNull();
  });
});
