import { expect, test } from "vitest";
import { partsOf, withCard } from "./card";

test("a card stands below the words, and in place of an earlier one", () => {
  const first = withCard("您看这单", "订单", ["YS1", "已发货", ""]);
  expect(first).toBe("您看这单\n▸ 订单 YS1 · 已发货");
  expect(withCard(first, "商品", ["龙井\n特级"])).toBe("您看这单\n▸ 商品 龙井 特级");
});

test("words without a card are words", () => {
  expect(partsOf("一行\n二行")).toEqual(["一行\n二行", ""]);
  expect(partsOf("一行\n▸ 订单 YS1")).toEqual(["一行", "订单 YS1"]);
});
