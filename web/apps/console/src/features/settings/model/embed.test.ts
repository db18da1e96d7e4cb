import { describe, expect, it } from "vitest";
import { asGiven, embedCode, pageOf, previewOf } from "./embed";

describe("the embed code", () => {
  it("is one async script tag that names the site", () => {
    expect(embedCode("https://chat.example.com", "site_1")).toBe(
      '<script async src="https://chat.example.com/widget.js" data-site="site_1"></script>',
    );
  });

  it("says only what was chosen to be otherwise", () => {
    const code = embedCode("https://a.example", "site_1", { ...asGiven, theme: "dark", position: "left" });
    expect(code).toContain(' data-theme="dark" data-position="left">');
    expect(code).not.toContain("data-locale");
  });
});

describe("the preview", () => {
  it("loads the widget from this very server with the same options", () => {
    const page = previewOf("site_1", { ...asGiven, locale: "en" }, "zh-CN");
    expect(page).toContain('<html lang="en">');
    expect(page).toContain('src="/widget.js" data-site="site_1" data-locale="en"');
  });

  it("holds no script of its own, which the console's policy would stop", () => {
    expect(previewOf("site_1", asGiven, "zh-CN").match(/<script/g)).toHaveLength(1);
    expect(previewOf("site_1", asGiven, "zh-CN")).not.toContain("<script>");
  });
});

describe("the page of an inbox", () => {
  it("stands on this server, under the site's key", () => {
    expect(pageOf("https://chat.example.com", "site_1")).toBe("https://chat.example.com/c/site_1");
  });
});
