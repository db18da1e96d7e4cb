import { describe, expect, it } from "vitest";
import { named, namingAt } from "./naming";

describe("naming a canned reply", () => {
  it("begins with a slash, where the reply begins", () => {
    expect(namingAt("/tui", 4, false)).toEqual({ kind: "reply", words: "tui", from: 0 });
    expect(namingAt("/", 1, false)?.words).toBe("");
  });

  it("is not meant in the middle, after a space, or in a note", () => {
    expect(namingAt("和/或", 3, false)).toBeNull();
    expect(namingAt("/tui huo", 8, false)).toBeNull();
    expect(namingAt("/tui", 4, true)).toBeNull();
  });

  it("gives way to the words that it stands for", () => {
    const naming = { kind: "reply", words: "tui", from: 0 } as const;
    expect(named("/tui", 4, naming, "七天内可退。")).toEqual(["七天内可退。", 6]);
  });
});

describe("naming a colleague", () => {
  it("is for notes, wherever a word begins", () => {
    expect(namingAt("请 @周", 4, true)).toEqual({ kind: "mention", words: "周", from: 2 });
    expect(namingAt("请@周", 3, true)).toEqual({ kind: "mention", words: "周", from: 1 });
    expect(namingAt("请 @周", 4, false)).toBeNull();
  });

  it("is not an e-mail address, nor a name that is over", () => {
    expect(namingAt("li@shop", 7, true)).toBeNull();
    expect(namingAt("@周子安 看", 6, true)).toBeNull();
  });

  it("puts the whole name where it was begun", () => {
    const naming = { kind: "mention", words: "周", from: 2 } as const;
    expect(named("请 @周 看一下", 4, naming, "周子安")).toEqual(["请 @周子安 看一下", 7]);
  });
});
