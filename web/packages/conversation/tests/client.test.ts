import type { ClientFrame, ServerFrame } from "@miaohui/client";
import { beforeEach, describe, expect, it } from "vitest";
import { Client } from "../src/client";
import type { LinkEvents, OpenLink } from "../src/link";

/** A server that does what the test says, and time that passes when the test says. */
class World {
  now = Date.parse("2026-11-20T08:00:00Z");
  links: { on: LinkEvents; sent: ClientFrame[]; way: string; open: boolean }[] = [];
  kept = new Map<string, string>();
  refusedWith = 0;
  private timers: { at: number; run: () => void }[] = [];

  client(): Client {
    return new Client({
      ways: [this.way("ws"), this.way("sse"), this.way("poll")],
      token: () => "token",
      device: "d1",
      shelf: {
        getItem: (key) => this.kept.get(key) ?? null,
        setItem: (key, value) => void this.kept.set(key, value),
        removeItem: (key) => void this.kept.delete(key),
      },
      key: "pending",
      now: () => this.now,
      random: () => 0.5,
      later: (ms, run) => {
        const timer = { at: this.now + ms, run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((one) => one !== timer);
        };
      },
      refused: (code) => {
        this.refusedWith = code;
      },
    });
  }

  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((one) => one !== due);
      this.now = due.at;
      due.run();
    }
    this.now = until;
  }

  get link() {
    const last = this.links.at(-1);
    if (!last) throw new Error("no link was opened");
    return last;
  }

  welcome(hb = 25): void {
    this.link.on.open();
    this.say({ t: "welcome", sid: "s", hb });
  }

  say(frame: ServerFrame): void {
    this.link.on.frame(frame);
  }

  cut(code = 1006): void {
    this.link.open = false;
    this.link.on.closed(code);
  }

  sends(): (ClientFrame & { t: "send" })[] {
    return this.link.sent.filter((frame) => frame.t === "send");
  }

  private way(name: string): OpenLink {
    return (on) => {
      const link = { on, sent: [] as ClientFrame[], way: name, open: true };
      this.links.push(link);
      return {
        send: (frame) => void link.sent.push(frame),
        close: () => {
          if (!link.open) return;
          link.open = false;
          on.closed(1000);
        },
      };
    };
  }
}

let world: World;
let client: Client;

beforeEach(() => {
  world = new World();
  client = world.client();
});

const ack = (cmid: string, seq = 1): ServerFrame => ({ t: "ack", cmid, msg: `m${seq}`, seq, conv: "c9" });

const posted = (cmid: string, seq: number): ServerFrame => ({
  t: "msg",
  conv: "c9",
  epoch: "e1",
  msg: {
    id: `m${seq}`,
    seq,
    cmid,
    sender: { kind: "visitor", id: "v" },
    kind: "text",
    text: "t",
    created_at: "2026-11-20T08:00:00Z",
  },
});

describe("sending", () => {
  it("waits for the welcome and goes out with its client id", () => {
    client.open(null);
    const cmid = client.send("你好");
    expect(world.sends()).toEqual([]);
    world.welcome();
    expect(world.sends()).toMatchObject([{ cmid, body: { text: "你好" } }]);
  });

  it("begins a conversation with the first message alone, the rest follow its ack", () => {
    client.open(null);
    world.welcome();
    const first = client.send("一");
    world.pass(1);
    client.send("二");
    expect(world.sends().map((one) => one.cmid)).toEqual([first]);
    world.say(ack(first));
    expect(world.sends().at(-1)).toMatchObject({ conv: "c9", body: { text: "二" } });
  });

  it("uses the same client id again after the link was lost before the ack", () => {
    client.open(null);
    world.welcome();
    const cmid = client.send("你好");
    world.cut();
    world.pass(1000);
    world.welcome();
    expect(world.links).toHaveLength(2);
    expect(world.sends()).toMatchObject([{ cmid }]);
  });

  it("uses the same client id again after a reload", () => {
    client.open(null);
    const cmid = client.send("你好");
    client.close();
    const reloaded = world.client();
    reloaded.open(null);
    world.welcome();
    expect(world.sends()).toMatchObject([{ cmid }]);
    world.say(ack(cmid));
    world.say(posted(cmid, 1));
    expect(world.kept.size).toBe(0);
  });

  it("tries again by itself when the server asks for a moment", () => {
    client.open(null);
    world.welcome();
    const cmid = client.send("你好");
    world.say({ t: "nack", cmid, code: "overloaded", retryable: true, retry_after_ms: 1500 });
    world.pass(1400);
    expect(world.sends()).toHaveLength(1);
    world.pass(200);
    expect(world.sends()).toHaveLength(2);
  });

  it("asks the visitor when trying again does not help", () => {
    client.open(null);
    world.welcome();
    const cmid = client.send("你好");
    world.say({ t: "nack", cmid, code: "too_large", retryable: false });
    expect(client.state.pending).toMatchObject([{ state: "failed", code: "too_large" }]);
    world.pass(60_000);
    expect(world.sends().filter((one) => one.cmid === cmid)).toHaveLength(world.links.length > 1 ? 0 : 1);
    client.retry(cmid);
    expect(client.state.pending).toMatchObject([{ state: "pending" }]);
  });

  it("takes the link for dead when no ack comes", () => {
    client.open(null);
    world.welcome();
    client.send("你好");
    world.pass(10_000);
    expect(world.links[0]?.open).toBe(false);
  });
});

describe("the link", () => {
  it("greets with the position and the streams it knows", () => {
    client.open({ id: "c9", epoch: "e1", status: "pending", last_seq: 4, messages: [] });
    world.welcome();
    world.say({ t: "stream.open", conv: "c9", turn: "t", stream: "s1", attempt: 1 });
    world.say({ t: "stream.delta", stream: "s1", attempt: 1, i: 1, text: "您" });
    world.cut();
    world.pass(1000);
    world.link.on.open();
    expect(world.link.sent[0]).toMatchObject({
      t: "hello",
      resume: [{ conv: "c9", epoch: "e1", seq: 4, streams: [{ id: "s1", attempt: 1, i: 1 }] }],
    });
  });

  it("answers heartbeats, and is given up after silence", () => {
    client.open(null);
    world.welcome(25);
    world.pass(24_000);
    world.say({ t: "hb" });
    expect(world.link.sent.at(-1)).toEqual({ t: "hb" });
    world.pass(34_000);
    expect(world.link.open).toBe(true);
    world.pass(2_000);
    expect(world.links[0]?.open).toBe(false);
  });

  it("comes back after 40xx, slower each time", () => {
    client.open(null);
    world.welcome();
    const waits = [500, 1000, 2000, 4000, 8000, 8000];
    for (const [n, wait] of waits.entries()) {
      world.cut(4004);
      world.pass(wait - 1);
      expect(world.links).toHaveLength(n + 1);
      world.pass(1);
      expect(world.links).toHaveLength(n + 2);
    }
  });

  it("does not come back after 45xx", () => {
    client.open(null);
    world.welcome();
    world.cut(4500);
    world.pass(600_000);
    expect(world.links).toHaveLength(1);
    expect(client.state.link).toBe("refused");
    expect(world.refusedWith).toBe(4500);
  });

  it("comes back when the server that drains says so", () => {
    client.open(null);
    world.welcome();
    world.say({ t: "goaway", reason: "drain", reconnect_in_ms: [0, 8000] });
    world.cut(4001);
    world.pass(3999);
    expect(world.links).toHaveLength(1);
    world.pass(1);
    expect(world.links).toHaveLength(2);
  });

  it("stays on its way when it is told to come a little later, however often", () => {
    client.open(null);
    for (let n = 0; n < 4; n++) {
      world.link.on.open();
      world.say({ t: "goaway", reason: "crowded", reconnect_in_ms: [2000, 3000] });
      world.cut(4013);
      world.pass(2499);
      expect(world.links).toHaveLength(n + 1);
      world.pass(1);
      expect(world.links).toHaveLength(n + 2);
    }
    expect(world.links.every((one) => one.way === "ws")).toBe(true);
  });

  it("comes back at once when something is said meanwhile", () => {
    client.open(null);
    world.welcome();
    world.say({ t: "goaway", reason: "drain", reconnect_in_ms: [0, 8000] });
    client.send("still on the old link");
    expect(world.links).toHaveLength(1);
    world.cut(4001);
    client.send("在吗");
    expect(world.links).toHaveLength(2);
    client.send("?");
    world.pass(5000);
    expect(world.links).toHaveLength(2);
    world.welcome();
    expect(world.link.sent.filter((frame) => frame.t === "send")).not.toHaveLength(0);
  });

  it("is not opened by words after it was closed for good", () => {
    client.open(null);
    world.welcome();
    world.cut(4500);
    client.send("在吗");
    expect(world.links).toHaveLength(1);
  });

  it("takes another way when one never gets through, and the first again after the last", () => {
    client.open(null);
    for (let n = 0; n < 7; n++) {
      world.cut();
      while (world.links.length < n + 2) world.pass(100);
    }
    expect(world.links.map((one) => one.way)).toEqual(["ws", "ws", "sse", "sse", "poll", "poll", "ws", "ws"]);
  });

  it("is dialled at once when a delta is missing", () => {
    client.open({ id: "c9", epoch: "e1", status: "pending", last_seq: 0, messages: [] });
    world.welcome();
    world.say({ t: "stream.open", conv: "c9", turn: "t", stream: "s1", attempt: 1 });
    world.say({ t: "stream.delta", stream: "s1", attempt: 1, i: 2, text: "好" });
    expect(world.links).toHaveLength(2);
    world.link.on.open();
    expect(world.link.sent[0]).toMatchObject({ resume: [{ streams: [{ id: "s1", i: 0 }] }] });
  });

  it("is given the time to fill the gap, and not dialled anew at each of its frames", () => {
    client.open({ id: "c9", epoch: "e1", status: "pending", last_seq: 0, messages: [] });
    world.welcome();
    world.say({ t: "stream.open", conv: "c9", turn: "t", stream: "s1", attempt: 1 });
    for (const i of [1, 3]) world.say({ t: "stream.delta", stream: "s1", attempt: 1, i, text: "字" });
    const dialled = world.links.length;
    world.welcome();
    world.say({ t: "stream.delta", stream: "s1", attempt: 1, i: 3, text: "字" });
    expect(world.links.length).toBe(dialled);
    for (const i of [2, 3]) world.say({ t: "stream.delta", stream: "s1", attempt: 1, i, text: "字" });
    expect(client.state.streams.s1).toMatchObject({ text: "字字字", broken: false });
  });

  it("says offline only when a cut lasts", () => {
    client.open(null);
    world.welcome();
    world.cut();
    expect(client.state.link).toBe("online");
    world.pass(400);
    expect(client.state.link).toBe("online");
    world.pass(1200);
    expect(client.state.link).toBe("offline");
    world.welcome();
    expect(client.state.link).toBe("online");
  });
});
