import { describe, expect, it } from "vitest";
import { byConversation } from "./mentions";

const one = (conversation_id: string, message_id: string, seen: boolean) => ({
  conversation_id,
  message_id,
  seen,
  by_name: "小张",
  at: "2026-11-21T10:00:00Z",
});

describe("mentions of me", () => {
  it("are told once for each conversation, the last first", () => {
    const told = byConversation([one("b", "3", true), one("a", "2", true), one("b", "1", true)]);
    expect(told.map((each) => each.message_id)).toEqual(["3", "2"]);
  });

  it("are unread while any of them is", () => {
    expect(byConversation([one("a", "2", true), one("a", "1", false)])[0]?.seen).toBe(false);
    expect(byConversation([one("a", "2", true), one("a", "1", true)])[0]?.seen).toBe(true);
  });
});
