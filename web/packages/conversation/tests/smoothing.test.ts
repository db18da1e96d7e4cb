import { describe, expect, it } from "vitest";
import { framesOf } from "../src/events";
import { loadPending, newCmid } from "../src/outbox";
import { reveal } from "../src/smoothing";

describe("revealing", () => {
  it("moves on a little with every frame and reaches the end", () => {
    const text = "您好，七天无理由退货。".repeat(5);
    let shown = 0;
    let frames = 0;
    while (shown < text.length) {
      const next = reveal(text, shown, 16);
      expect(next).toBeGreaterThan(shown);
      shown = next;
      frames += 1;
    }
    expect(frames).toBeGreaterThan(20);
  });

  it("takes its time where the assistant does, and hurries when it falls far behind", () => {
    const text = "您好，七天无理由退货。".repeat(3);
    const seconds = (pace: string, whole = text) => {
      let [shown, at, now] = [0, 0, 0];
      while (shown < whole.length) {
        now += 16;
        const next = reveal(whole, shown, now - at, pace);
        if (next > shown) [shown, at] = [next, now];
      }
      return now / 1000;
    };
    expect(seconds("")).toBeLessThan(1);
    expect(seconds("steady")).toBeGreaterThan(1);
    expect(seconds("calm")).toBeGreaterThan(seconds("steady") * 1.5);
    expect(seconds("calm", text.repeat(30))).toBeLessThan(60);
  });

  it("never cuts a word or an emoji", () => {
    expect(reveal("international 标准", 3, 16)).toBe("international".length);
    const family = "好👨‍👩‍👧好";
    for (let shown = 0; shown < family.length; shown++) {
      const cut = family.slice(0, reveal(family, shown, 16));
      expect(cut).not.toMatch(/[\ud800-\udbff]$/);
    }
  });

  it("shows a text that became shorter whole", () => {
    expect(reveal("好", 9, 16)).toBe(1);
  });

  it("takes back nothing when a frame began before it was asked for", () => {
    for (const pace of ["calm", "steady"]) {
      expect(reveal("您好，请稍等", 0, -9, pace)).toBe(0);
      expect(reveal("您好，请稍等".repeat(400), 3, -16, pace)).toBe(3);
    }
  });
});

describe("an event stream", () => {
  it("gives the frame of a block, and nothing for a comment", () => {
    expect(framesOf('id: e1:4:\ndata: {"t":"hb"}')).toEqual([{ t: "hb" }]);
    expect(framesOf(": hb")).toEqual([]);
    expect(framesOf("retry: 2000")).toEqual([]);
  });
});

describe("the outbox", () => {
  const shelf = (value: string) => ({
    getItem: () => value,
    setItem: () => undefined,
    removeItem: () => undefined,
  });

  it("takes a spoiled memory for an empty one", () => {
    expect(loadPending(shelf("{not json"), "k")).toEqual([]);
    expect(loadPending(shelf('{"a":1}'), "k")).toEqual([]);
    expect(loadPending(shelf('[{"cmid":""}]'), "k")).toEqual([]);
  });

  it("makes client ids that the server allows", () => {
    expect(newCmid(Date.now(), Math.random)).toMatch(/^[A-Za-z0-9_-]{26}$/);
  });
});
