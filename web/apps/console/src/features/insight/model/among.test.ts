import { describe, expect, it } from "vitest";
import { asked } from "../api/insight";
import { amongOf, choicesOf, isNarrowed, shownWith } from "./among";

const doors = [
  { id: "inb_1", name: "官网", channel: "web", assistant_name: "小秒" },
  { id: "inb_2", name: "商城", channel: "web", assistant_name: "小杉" },
  { id: "inb_3", name: "公众号", channel: "wechat", assistant_name: "小秒" },
];
const choices = choicesOf(
  doors,
  [{ id: "team_1", name: "售后" }],
  [{ id: "per_1", name: "小李" }],
  (one) => `<${one}>`,
);

describe("which conversations are counted", () => {
  it("is chosen among what there is, each once", () => {
    expect(choices.channel).toEqual([
      { id: "web", name: "<web>" },
      { id: "wechat", name: "<wechat>" },
    ]);
    expect(choices.assistant.map((one) => one.id)).toEqual(["小秒", "小杉"]);
  });

  it("is what the address says, as far as there is such a thing", () => {
    const among = amongOf({ inbox: "inb_9", channel: "web", team: "team_1" }, choices);
    expect(among).toEqual({ inbox: "", channel: "web", assistant: "", team: "team_1", agent: "" });
    expect(isNarrowed(among)).toBe(true);
    expect(isNarrowed(amongOf({ days: "30", agent: "per_9" }, choices))).toBe(false);
  });

  it("stays in the address when something else is chosen", () => {
    const among = amongOf({ channel: "web", agent: "per_1" }, choices);
    expect(shownWith(30, among, { team: "team_1" })).toEqual({
      days: "30",
      inbox: undefined,
      channel: "web",
      assistant: undefined,
      team: "team_1",
      agent: "per_1",
    });
    expect(shownWith(7, among, { channel: undefined }).days).toBeUndefined();
  });

  it("goes to the server by its own names, and what is whichever does not", () => {
    const stretch = { since: "2026-01-01T00:00:00Z", step: "day", offsetMinutes: 480 } as const;
    const url = new URLSearchParams(asked(stretch, amongOf({ assistant: "小杉", agent: "per_1" }, choices)));
    expect(Object.fromEntries(url)).toEqual({
      since: "2026-01-01T00:00:00Z",
      step: "day",
      offset_minutes: "480",
      assistant: "小杉",
      agent_id: "per_1",
    });
  });
});
