import { describe, expect, it } from "vitest";
import { isPage, languageName, shortly } from "./where";

describe("where a visitor is", () => {
  it("may be followed when it is a page of the web", () => {
    expect(isPage("https://shop.example.com/a?b=c")).toBe(true);
    expect(isPage("http://localhost:8000/")).toBe(true);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "//x", "", " "])(
    "may not be followed: %s",
    (address) => {
      expect(isPage(address)).toBe(false);
    },
  );

  it("is read without what every address begins with", () => {
    expect(shortly("https://shop.example.com/")).toBe("shop.example.com");
    expect(shortly("https://shop.example.com/a/")).toBe("shop.example.com/a");
    expect(shortly("https://s.example/?wd=%E6%A1%8C")).toBe("s.example/?wd=桌");
    expect(shortly("https://s.example/%E2%80%AEgpj.exe")).toBe("s.example/%E2%80%AEgpj.exe");
    expect(shortly("https://s.example/%FF")).toBe("s.example/%FF");
  });

  it("is told with the language in the reader's words", () => {
    expect(languageName("en", "en")).toBe("English");
    expect(languageName("en", "zh-CN")).toBe("英语");
    expect(languageName("?", "en")).toBe("?");
  });
});
