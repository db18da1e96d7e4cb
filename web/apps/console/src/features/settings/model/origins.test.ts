import { describe, expect, it } from "vitest";
import { faultyOrigin, originsOf } from "./origins";

describe("allowed sites", () => {
  it("are kept once each, without the path that was pasted along", () => {
    expect(
      originsOf("https://shop.example.com/cart?x=1\nhttps://shop.example.com, http://a.example:8080"),
    ).toEqual(["https://shop.example.com", "http://a.example:8080"]);
  });

  it("are refused by name when one is none", () => {
    expect(faultyOrigin(originsOf("https://a.example shop.example.com"))).toBe("shop.example.com");
    expect(faultyOrigin(originsOf("javascript:alert(1)"))).not.toBe("");
    expect(faultyOrigin(originsOf("https://a.example"))).toBe("");
  });
});
