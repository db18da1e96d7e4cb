import { describe, expect, it } from "vitest";
import { menuText, readMenu } from "./menu";

const text = "退换货 = 怎么退货?\n我的\n- 订单 = https://shop.example.com/orders?a=b\n- 发票 = 发票怎么开?";

describe("a menu", () => {
  it("is read as it is written, and written as it is read", () => {
    const read = readMenu(text);
    if (!("buttons" in read)) throw new Error(read.fault);
    expect(read.buttons.map((one) => [one.name, one.question, one.items.length])).toEqual([
      ["退换货", "怎么退货?", 0],
      ["我的", "", 2],
    ]);
    expect(read.buttons[1]?.items[0]?.url).toBe("https://shop.example.com/orders?a=b");
    expect(menuText(read.buttons)).toBe(text);
  });

  it("of nothing takes it away", () => {
    expect(readMenu(" \n")).toEqual({ buttons: [] });
  });

  it.each([
    ["a name of more than 20 characters", `${"字".repeat(21)} = 问`],
    ["a question of more than 120", `甲 = ${"问".repeat(121)}`],
    ["no name", " = 问"],
    ["nothing behind the sign", "甲 ="],
    ["an address that is none of the web", "甲 = javascript:alert(1)"],
    ["an address with letters that WeChat does not take", "甲 = https://店.example.com/鞋"],
    ["an address with a space", "甲 = https://shop.example.com/a b"],
    ["an endless address", `甲 = https://shop.example.com/${"a".repeat(1_000)}`],
  ])("is refused by its line for %s", (_, line) => {
    expect(readMenu(`好 = 您好\n${line}`)).toEqual({ fault: "form", line: 2 });
  });

  it("takes a question with a colon in it, which is no address", () => {
    expect(readMenu("时间 = 营业时间: 几点到几点?")).toMatchObject({ buttons: [{ url: "" }] });
    expect(readMenu("比 = 1:1 吗")).toMatchObject({ buttons: [{ question: "1:1 吗" }] });
  });

  it("names the line that is wrong, and why", () => {
    expect(readMenu("甲 = 问\n乙 =")).toEqual({ fault: "form", line: 2 });
    expect(readMenu("甲")).toEqual({ fault: "bare", line: 1 });
    expect(readMenu("- 甲 = 问")).toEqual({ fault: "deep", line: 1 });
    expect(readMenu("甲 = 问\n- 乙 = 问")).toEqual({ fault: "deep", line: 2 });
    expect(readMenu("甲 = 1\n乙 = 2\n丙 = 3\n丁 = 4")).toEqual({ fault: "many", line: 4 });
    expect(readMenu(`甲\n${"- 乙 = 问\n".repeat(6)}`)).toEqual({ fault: "many", line: 7 });
  });
});
