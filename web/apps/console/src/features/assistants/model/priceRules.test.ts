import { describe, expect, it } from "vitest";
import { readRules } from "./priceRules";

describe("price rules", () => {
  it("are counted as they are typed", () => {
    const read = readRules('{"products": [{"id": "a"}, {"id": "b"}], "offers": []}');
    expect([read?.products, read?.offers, read?.delivery]).toEqual([2, 0, 0]);
  });

  it("are none where it is no object of JSON", () => {
    for (const text of ["", "{", "[]", "null", "7"]) expect(readRules(text)).toBeNull();
  });
});
