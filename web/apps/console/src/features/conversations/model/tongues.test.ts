import { describe, expect, it } from "vitest";
import { choiceFor, guess, languageName, looksForeign } from "./tongues";

describe("what letters say of a language", () => {
  it("is foreign to who reads Chinese when there is no Chinese in it, or letters of others", () => {
    expect(
      ["Where is it?", "はい、元気です", "안녕하세요", "Где?"].map((text) => looksForeign(text, "zh-CN")),
    ).toEqual([true, true, true, true]);
    expect(
      ["在吗", "我的 iPhone 呢", "88213", "https://example.com/x", ":)"].map((t) => looksForeign(t, "zh-CN")),
    ).toEqual([false, false, false, false, false]);
  });

  it("is foreign to who reads English when it has other letters, and cannot be told of plain ones", () => {
    expect(["在吗", "où est-il", "Привет"].map((text) => looksForeign(text, "en"))).toEqual([
      true,
      true,
      true,
    ]);
    expect(["Where is it?", "donde esta"].map((text) => looksForeign(text, "en"))).toEqual([false, false]);
  });

  it("finds the language of a script, and the choice for what a model named", () => {
    expect(["はい", "在吗", "hello", "123"].map(guess)).toEqual(["ja", "zh-CN", "en", ""]);
    const known = ["zh-CN", "zh-TW", "en", "pt"];
    expect(["zh", "zh-hant", "en-us", "pt-br", "xx", ""].map((one) => choiceFor(one, known))).toEqual([
      "zh-CN",
      "zh-TW",
      "en",
      "pt",
      "",
      "",
    ]);
  });

  it("calls a language by its name, and one that nobody knows by its code", () => {
    expect(languageName("ja", "en")).toBe("Japanese");
    expect(languageName("zh-CN", "en")).toBe("Simplified Chinese");
    expect(languageName("zh-TW", "en")).toBe("Traditional Chinese");
    expect(languageName("en-US", "en")).toBe("English");
    expect(languageName("!", "en")).toBe("!");
  });
});
