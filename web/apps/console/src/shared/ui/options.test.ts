import { describe, expect, it } from "vitest";
import { found, stepped } from "./options";

const options = [
  { key: "a", name: "退款", about: "售后" },
  { key: "b", name: "发票 Invoice" },
  { key: "c", name: "加急退款" },
];
const keys = (words: string) => found(options, words).map((one) => one.key);

describe("finding an option", () => {
  it("looks at the name and at the remark, whatever the case", () => {
    expect(keys("售后")).toEqual(["a"]);
    expect(keys("INVOICE 发")).toEqual(["b"]);
  });

  it("puts first what begins so, and keeps the order otherwise", () => {
    expect(keys("退款")).toEqual(["a", "c"]);
    expect(keys("")).toEqual(["a", "b", "c"]);
  });

  it("needs every part", () => {
    expect(keys("退款 没有")).toEqual([]);
  });
});

describe("stepping", () => {
  it("goes round, and stays where there is nothing", () => {
    expect([stepped(0, -1, 3), stepped(2, 1, 3), stepped(0, 1, 0)]).toEqual([2, 0, 0]);
  });
});
