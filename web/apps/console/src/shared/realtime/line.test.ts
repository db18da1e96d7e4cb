import "../testing/browser";

import { backoffMs, type Frame, type Line, mayReturn } from "@miaohui/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { miaohui } from "../http/api";
import { session } from "../session/session";
import { grant } from "../testing/grant";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readonly sent: Frame[] = [];
  readyState = 1;
  onopen: () => void = () => {};
  onmessage: (event: { data: string }) => void = () => {};
  onclose: (event: { code: number }) => void = () => {};

  constructor() {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame);
  }

  close(code = 1006): void {
    this.readyState = 3;
    this.onclose({ code });
  }

  say(frame: object): void {
    this.onmessage({ data: JSON.stringify(frame) });
  }
}

const latest = () => FakeSocket.all.at(-1) as FakeSocket;
const nowhere = () => ({ epoch: "", seq: 0, streams: [] });
const kinds = (socket: FakeSocket) => socket.sent.map((frame) => frame.t);

async function opened(line: Line): Promise<FakeSocket> {
  line.start();
  await vi.advanceTimersByTimeAsync(0);
  latest().onopen();
  latest().say({ t: "welcome", sid: "s", hb: 10 });
  return latest();
}

describe("the line", () => {
  let line: Line;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.all = [];
    session.set({ state: "in", grant, renewAt: Number.MAX_SAFE_INTEGER });
    line = miaohui.line();
  });

  afterEach(() => {
    line.stop();
    vi.useRealTimers();
  });

  it("says hello, then asks for the feed", async () => {
    expect(kinds(await opened(line))).toEqual(["hello", "feed"]);
    expect(line.state).toBe("open");
  });

  it("comes back after a cut and watches again from where it was", async () => {
    const first = await opened(line);
    let [seq, welcomes] = [4, 1];
    line.onWelcome(() => {
      welcomes += 1;
    });
    line.watch("c1", { position: () => ({ epoch: "e", seq, streams: [] }), take: () => {} });
    expect(kinds(first)).toEqual(["hello", "feed", "watch"]);
    seq = 9;
    first.close(4001);
    expect(line.state).toBe("lost");
    await vi.advanceTimersByTimeAsync(16_000);
    expect(latest()).not.toBe(first);
    latest().onopen();
    latest().say({ t: "welcome", sid: "s2", hb: 10 });
    expect(latest().sent).toContainEqual({ t: "watch", conv: "c1", epoch: "e", seq: 9, streams: [] });
    expect(welcomes).toBe(2);
  });

  it("comes back within the time that the server named, and by its own reckoning after that", async () => {
    const first = await opened(line);
    first.say({ t: "goaway", reason: "crowded", reconnect_in_ms: [5000, 6000] });
    first.close(4013);
    await vi.advanceTimersByTimeAsync(4999);
    expect(latest()).toBe(first);
    await vi.advanceTimersByTimeAsync(1001);
    const second = latest();
    expect(second).not.toBe(first);
    second.close(4001);
    await vi.advanceTimersByTimeAsync(1000);
    expect(latest()).not.toBe(second);
  });

  it("gives each conversation its own frames, and streams to whoever watches", async () => {
    const socket = await opened(line);
    const heard: string[] = [];
    line.watch("c1", { position: nowhere, take: (frame) => heard.push(frame.t) });
    socket.say({ t: "msg", conv: "c2" });
    socket.say({ t: "msg", conv: "c1" });
    socket.say({ t: "stream.delta", stream: "s" });
    socket.say({ t: "conv", conv: { id: "c2" } });
    socket.say({ t: "conv", conv: { id: "c1" } });
    expect(heard).toEqual(["msg", "stream.delta", "conv"]);
  });

  it("answers heartbeats, and lets go of a server that has fallen silent", async () => {
    const socket = await opened(line);
    socket.say({ t: "hb" });
    expect(kinds(socket).at(-1)).toBe("hb");
    await vi.advanceTimersByTimeAsync(25_001);
    expect(line.state).not.toBe("open");
  });

  it("does not come back where it is not wanted", async () => {
    const socket = await opened(line);
    socket.close(4507);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(line.state).toBe("refused");
  });

  it("brings a new token on the same socket", async () => {
    const socket = await opened(line);
    session.set({ state: "in", grant: { ...grant, access_token: "tok2" }, renewAt: Number.MAX_SAFE_INTEGER });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket.sent.filter((frame) => frame.t === "hello")).toHaveLength(2);
  });
});

describe("coming back", () => {
  it("waits longer each time, up to 16 seconds, and less by chance", () => {
    expect([0, 1, 2, 3, 4, 9].map((n) => backoffMs(n, 1))).toEqual([1000, 2000, 4000, 8000, 16_000, 16_000]);
    expect(backoffMs(4, 0.25)).toBe(4000);
  });

  it("is of no use after 45xx", () => {
    expect([1006, 4001, 4008, 4013].map(mayReturn)).toEqual([true, true, true, true]);
    expect([4500, 4507].map(mayReturn)).toEqual([false, false]);
  });
});
