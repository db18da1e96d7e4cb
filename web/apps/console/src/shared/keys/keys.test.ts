import "../testing/browser";

import { describe, expect, it } from "vitest";
import { isSend, nameOf } from "./keys";

const key = (change: Partial<Parameters<typeof isSend>[0]> = {}) => ({
  key: "Enter",
  ctrlKey: true,
  metaKey: false,
  isComposing: false,
  keyCode: 13,
  ...change,
});

describe("sending by key", () => {
  it("takes Ctrl or Cmd with Enter", () => {
    expect(isSend(key())).toBe(true);
    expect(isSend(key({ ctrlKey: false, metaKey: true }))).toBe(true);
  });

  it("leaves a bare Enter to the text", () => {
    expect(isSend(key({ ctrlKey: false }))).toBe(false);
  });

  it("leaves the Enter that ends a composition to the input method", () => {
    expect(isSend(key({ isComposing: true }))).toBe(false);
    expect(isSend(key({ keyCode: 229 }))).toBe(false);
  });
});

describe("the name of a key", () => {
  const press = (change: object) =>
    nameOf({ key: "K", ctrlKey: false, metaKey: false, altKey: false, ...change });

  it("is the same with either modifier, and with caps lock", () => {
    expect([press({}), press({ ctrlKey: true }), press({ metaKey: true })]).toEqual(["k", "mod+k", "mod+k"]);
  });

  it("does not take Alt for a plain key", () => {
    expect(press({ altKey: true })).toBe("alt+k");
  });
});
