import { describe, expect, it } from "vitest";
import { circled, parseInline, parseProse, safeHref, spoken } from "../src/prose";

const kinds = (text: string): string[] => parseProse(text).map((block) => block.t);

describe("prose", () => {
  it("keeps line breaks in a paragraph and parts paragraphs at an empty line", () => {
    const blocks = parseProse("一\n二\n\n三");
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toMatchObject({ t: "p", lines: [[{ text: "一" }], [{ text: "二" }]] });
  });

  it("reads Chinese and Western numbered lists", () => {
    expect(parseProse("1. 登录\n2. 申请")).toMatchObject([{ t: "list", ordered: true, items: [{}, {}] }]);
    expect(parseProse("1、登录\n2、申请")).toMatchObject([{ t: "list", ordered: true, items: [{}, {}] }]);
  });

  it("does not take a year at the start of a line for a list", () => {
    expect(kinds("2026 年起免运费")).toEqual(["p"]);
  });

  it("starts another list when the kind changes", () => {
    expect(kinds("- a\n- b\n1. c")).toEqual(["list", "list"]);
  });

  it("reads a table, and not a sentence with a bar", () => {
    const [table] = parseProse("| 城市 | 天数 |\n|---|---|\n| 杭州 | 1 |\n| 北京 | 2 |");
    expect(table).toMatchObject({ t: "table", rows: [{}, {}] });
    expect(kinds("a | b\nc")).toEqual(["p"]);
  });

  it("shows an unfinished code block as it grows", () => {
    expect(parseProse("```\nlet a")).toEqual([{ t: "pre", text: "let a" }]);
  });

  it("reads bold, code, links and citation marks", () => {
    expect(parseInline("**7 天**内 `A1` 见 [这里](https://a.b/c) [2]。").map((one) => one.t)).toEqual([
      "bold",
      "text",
      "code",
      "text",
      "link",
      "text",
      "cite",
      "text",
    ]);
  });

  it("links a bare address without the Chinese full stop behind it", () => {
    expect(parseInline("见 https://a.b/c。")[1]).toEqual({
      t: "link",
      text: "https://a.b/c",
      href: "https://a.b/c",
    });
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "//evil",
    "JAVASCRIPT:x",
    " javascript:x",
    "vbscript:x",
  ])("never links %s", (href) => {
    expect(safeHref(href)).toBe("");
    expect(parseInline(`[x](${href.trim()})`).some((one) => one.t === "link")).toBe(false);
  });

  it("shows pictures of our own, and only links those of others", () => {
    const ours = `/v1/media/med_${"0a".repeat(16)}`;
    expect(parseInline(`见图 ![屏幕 截图.png](${ours})`)[1]).toEqual({
      t: "picture",
      text: "屏幕 截图.png",
      href: ours,
    });
    expect(parseInline("![x](https://evil.example/?q=1)")).toEqual([
      { t: "link", text: "x", href: "https://evil.example/?q=1" },
    ]);
    expect(parseInline(`[语音](${ours})`)).toEqual([{ t: "file", text: "语音", href: ours }]);
    for (const other of ["//evil/v1/media/med_1", "/v1/media/../keys", "/v1/keys", "data:image/png;base64,x"])
      expect(parseInline(`![x](${other})`)).toEqual([{ t: "text", text: `![x](${other})` }]);
  });

  it("leaves HTML as the text it is", () => {
    expect(parseProse("<img src=x onerror=alert(1)>")).toEqual([
      { t: "p", lines: [[{ t: "text", text: "<img src=x onerror=alert(1)>" }]] },
    ]);
  });

  it("circles numbers up to twenty", () => {
    expect([circled(1), circled(20), circled(21)]).toEqual(["①", "⑳", "[21]"]);
  });

  it("speaks words, not marks", () => {
    expect(spoken("**7 天**内 [1] 见 [这里](https://a.b)")).toBe("7 天内  见 这里");
    expect(spoken("看 ![图片](/v1/media/med_1)")).toBe("看 图片");
    expect(spoken("- 七天\n* 十五天\n1-3 天 - 不含")).toBe("七天\n十五天\n1-3 天 - 不含");
  });
});
