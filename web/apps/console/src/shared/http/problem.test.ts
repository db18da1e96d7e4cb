import "../testing/browser";

import { ApiError, Unreachable } from "@miaohui/client";
import { beforeAll, describe, expect, it } from "vitest";
import { loadWords } from "../i18n/i18n";
import { codeOf, plainWords } from "./problem";

beforeAll(() => loadWords("en"));

describe("a problem in plain words", () => {
  it("says what we know about its code", () => {
    expect(plainWords(new ApiError(401, { code: "unauthenticated" }))).toMatch(/^Your login has expired/);
  });

  it("says how long to wait", () => {
    expect(plainWords(new ApiError(429, { code: "throttled" }, 2.2))).toMatch(/in 3 s/);
  });

  it("says that nobody answered", () => {
    const away = new Unreachable("…");
    expect([codeOf(away), plainWords(away)]).toEqual([
      "offline",
      expect.stringMatching(/^The server cannot be reached/),
    ]);
  });

  it("goes by the status for a code that we do not know", () => {
    expect(plainWords(new ApiError(409, { code: "odd" }))).toMatch(/^Someone just changed it/);
    expect(plainWords(new ApiError(418, { code: "odd" }))).toMatch(/^Something unexpected/);
  });

  it("never shows the inside of a fault", () => {
    const fault = new ApiError(500, { code: "odd", detail: "Traceback" });
    expect(plainWords(fault)).not.toMatch(/Traceback/);
    expect(plainWords(new TypeError("x is undefined"))).not.toMatch(/undefined/);
  });
});
