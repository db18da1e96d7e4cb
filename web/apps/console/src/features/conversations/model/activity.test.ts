import { expect, test } from "vitest";
import type { Translate, Word } from "../../../shared/i18n/i18n";
import { zhCN } from "../../../shared/i18n/zh-CN";
import { activityWords } from "./activity";

const t: Translate = (key, values) => `${key}(${values?.what ?? ""})`;

const has = (word: string): word is Word => word in zhCN;

test("a handoff says its reason in words", () => {
  expect(activityWords("handed_off:customer_request", t, has)).toBe(
    "activity.handed_off(handoff.customer_request())",
  );
});

test("a take-over names the colleague, colons in the name and all", () => {
  expect(activityWords("taken_over:小李: 晚班", t, has)).toBe("activity.taken_over(小李: 晚班)");
});

test("what is not known is shown as it stands", () => {
  expect(activityWords("merged:conv_1", t, has)).toBe("merged:conv_1");
});
