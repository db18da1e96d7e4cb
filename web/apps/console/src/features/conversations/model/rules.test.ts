import { describe, expect, it } from "vitest";
import { calls } from "../../../shared/prefs/habits";
import { answerTo } from "./rules";

const all = { sounds: calls, notices: calls, sound_when_looking: true };
const on = { sound: true, notices: true };

describe("a call", () => {
  it("rings and shows a notice while nobody looks", () => {
    expect(answerTo("queue", all, on, false)).toEqual({ ring: true, notice: true });
  });

  it("only rings for who looks, and not even that for who wants quiet then", () => {
    expect(answerTo("reply", all, on, true)).toEqual({ ring: true, notice: false });
    const quiet = { ...all, sound_when_looking: false };
    expect(answerTo("reply", quiet, on, true)).toEqual({ ring: false, notice: false });
    expect(answerTo("reply", quiet, on, false).ring).toBe(true);
  });

  it("of a kind that one does not want does neither", () => {
    const some = { ...all, sounds: ["mention"], notices: ["given"] } as const;
    expect(answerTo("queue", some, on, false)).toEqual({ ring: false, notice: false });
    expect(answerTo("mention", some, on, false)).toEqual({ ring: true, notice: false });
  });

  it("does nothing in a browser that is to be silent", () => {
    expect(answerTo("queue", all, { sound: false, notices: false }, false)).toEqual({
      ring: false,
      notice: false,
    });
  });
});
