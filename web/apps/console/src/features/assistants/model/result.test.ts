import { describe, expect, it } from "vitest";
import { linesOf, textOf } from "./result";

describe("what a tool told", () => {
  it("is read line by line, things within things below them", () => {
    const lines = linesOf('{"order":{"id":"YS1","paid":true},"items":["灯",null]}');
    expect(textOf(lines)).toBe("order\n  id: YS1\n  paid: true\nitems\n  1: 灯\n  2: —");
  });

  it("is one line when it is a word, and as it came when it is no JSON", () => {
    expect(textOf(linesOf('"已发货"'))).toBe("已发货");
    expect(textOf(linesOf("not json"))).toBe("not json");
  });

  it("ends somewhere", () => {
    expect(linesOf(JSON.stringify(Array.from({ length: 5000 }, (_, n) => n))).length).toBe(200);
  });
});
