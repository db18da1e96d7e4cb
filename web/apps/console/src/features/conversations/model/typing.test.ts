import "../../../shared/testing/browser";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Typing } from "./typing";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("telling that one types", () => {
  const sent: object[] = [];
  beforeEach(() => sent.splice(0));
  const told = () => sent.map((frame) => (frame as { on: boolean }).on);

  it("says it at the first key and not at each", () => {
    const typing = new Typing("c", (frame) => sent.push(frame));
    for (const ms of [10_000, 10_200, 12_900]) typing.typed(ms);
    expect(told()).toEqual([true]);
    typing.typed(13_000);
    expect(told()).toEqual([true, true]);
  });

  it("takes it back after a silence, once", () => {
    const typing = new Typing("c", (frame) => sent.push(frame));
    typing.typed(10_000);
    vi.advanceTimersByTime(5000);
    typing.stopped();
    expect(told()).toEqual([true, false]);
  });

  it("has nothing to take back when nothing was typed", () => {
    new Typing("c", (frame) => sent.push(frame)).stopped();
    expect(sent).toEqual([]);
  });
});
