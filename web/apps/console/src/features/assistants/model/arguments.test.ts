import { describe, expect, it } from "vitest";
import { argumentsOf, pretty, shapeOf } from "./arguments";

const parameters = {
  type: "object",
  properties: {
    order: { type: "string" },
    count: { type: "integer" },
    gift: { type: "boolean" },
    reason: { type: "string", enum: ["a", "b"] },
    items: { type: "array" },
  },
};

describe("what one fills in for a tool", () => {
  it("has a shape for every kind of parameter", () => {
    expect(Object.values(parameters.properties).map(shapeOf)).toEqual([
      "text",
      "number",
      "flag",
      "choice",
      "json",
    ]);
  });

  it("is read as the tool reads it, without what was left empty", () => {
    const filled = { order: " 2026 ", count: "3", gift: "true", reason: "", items: '[{"a":1}]' };
    expect(argumentsOf(parameters, filled)).toEqual({
      order: "2026",
      count: 3,
      gift: true,
      items: [{ a: 1 }],
    });
  });

  it("is refused when a number or a list is none", () => {
    expect(argumentsOf(parameters, { count: "three" })).toBeNull();
    expect(argumentsOf(parameters, { items: "[" })).toBeNull();
  });
});

describe("what comes back", () => {
  it("is set out on many lines, and left alone when it is no JSON", () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(pretty("plain words")).toBe("plain words");
  });
});
