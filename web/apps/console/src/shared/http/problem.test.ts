import "../testing/browser";

import { beforeAll, describe, expect, it } from "vitest";
import { loadWords } from "../i18n/i18n";
import { Problem, plainWords, readProblem } from "./problem";

beforeAll(() => loadWords("en"));

describe("a problem in plain words", () => {
  it("says what we know about its code", () => {
    expect(plainWords(new Problem({ status: 401, code: "unauthenticated" }))).toMatch(
      /^Your login has expired/,
    );
  });

  it("says how long to wait", () => {
    expect(plainWords(new Problem({ status: 429, code: "throttled", retryAfterS: 2.2 }))).toMatch(/in 3 s/);
  });

  it("goes by the status for a code that we do not know", () => {
    expect(plainWords(new Problem({ status: 409, code: "odd" }))).toMatch(/^Someone just changed it/);
    expect(plainWords(new Problem({ status: 418, code: "odd" }))).toMatch(/^Something unexpected/);
  });

  it("never shows the inside of a fault", () => {
    const fault = new Problem({ status: 500, code: "odd", detail: "Traceback" });
    expect(plainWords(fault)).not.toMatch(/Traceback/);
    expect(plainWords(new TypeError("x is undefined"))).not.toMatch(/undefined/);
  });
});

describe("an answer that is no problem document", () => {
  it("is still told apart by its status", async () => {
    const read = await readProblem(new Response("<html>", { status: 502, headers: { "retry-after": "7" } }));
    expect([read.status, read.code, read.retryAfterS, read.passing]).toEqual([502, "http_502", 7, true]);
  });

  it("does not invite to try again what cannot work", () => {
    expect(new Problem({ status: 422, code: "invalid" }).passing).toBe(false);
  });
});
