import "../../../shared/testing/browser";

import { describe, expect, it } from "vitest";
import { goesAgain, keepOutbox, readOutbox } from "./outbox";
import type { Outgoing } from "./thread";

const at = Date.parse("2026-11-21T04:00:00Z");
const words: Outgoing = {
  cmid: "k",
  text: "好的",
  note: false,
  state: "pending",
  code: "",
  created_at: "2026-11-21T04:00:00Z",
  turn: "",
};

describe("what was sent and not confirmed", () => {
  it("is there after a reload, as not sent", () => {
    keepOutbox("c", [words]);
    expect(readOutbox("c", at + 1000)).toEqual([{ ...words, state: "failed", code: "offline" }]);
  });

  it("is not kept past its hour, nor once it is confirmed", () => {
    keepOutbox("c", [words]);
    expect(readOutbox("c", at + 3_600_000)).toEqual([]);
    keepOutbox("c", []);
    expect(readOutbox("c", at)).toEqual([]);
  });

  it("goes again by itself when the server was not reached", () => {
    expect(goesAgain({ ...words, state: "failed", code: "offline" }, at)).toBe(true);
    expect(goesAgain({ ...words, state: "failed", code: "http_502" }, at)).toBe(true);
  });

  it("waits for a person when the server refused it, or when it is old", () => {
    expect(goesAgain({ ...words, state: "failed", code: "message_too_long" }, at)).toBe(false);
    expect(goesAgain({ ...words, state: "failed", code: "offline" }, at + 3_600_000)).toBe(false);
    expect(goesAgain(words, at)).toBe(false);
  });
});
