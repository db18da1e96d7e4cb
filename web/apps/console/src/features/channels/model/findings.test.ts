import "../../../shared/testing/browser";
import { beforeAll, describe, expect, it } from "vitest";
import { loadWords, t } from "../../../shared/i18n/i18n";
import { errorOf, failureOf, told } from "./findings";

beforeAll(() => loadWords("en"));

describe("what a vendor has against an account", () => {
  it("is told in the words of that channel where there are some", () => {
    const telegram = told(t, "telegram", { part: "account", code: "secret_refused", detail: "" });
    const mail = told(t, "mail", { part: "send", code: "refused", detail: "" });
    expect(telegram).toMatch(/BotFather/);
    expect(mail).toMatch(/password/);
  });

  it("is told by the part that fails, and else in plain words", () => {
    const receive = told(t, "mail", { part: "receive", code: "unreachable", detail: "" });
    const send = told(t, "mail", { part: "send", code: "unreachable", detail: "" });
    expect(receive).not.toBe(send);
    expect(told(t, "wecom", { part: "account", code: "odd", detail: "" })).toBe(t("door.refused"));
  });

  it("keeps the vendor's code behind the words", () => {
    expect(failureOf(t, "undeliverable wechat_45015")).toMatch(/ · wechat_45015$/);
    expect(failureOf(t, "uncertain")).not.toMatch(/·/);
    expect(errorOf(t, "http_404")).toMatch(/http_404/);
    expect(errorOf(t, "timeout")).not.toMatch(/timeout/);
  });
});
