import { describe, expect, it } from "vitest";
import { batches, mostBytes, mostTogether, nothing, toBase64, together } from "./importing";

const file = (name: string, size: number) => ({ name, size });

describe("files on their way", () => {
  it("go in as few requests as they fit in, in their order", () => {
    const half = mostTogether / 2;
    const { sent } = batches([file("a", half), file("b", half), file("c", 1)]);
    expect(sent.map((batch) => batch.map((one) => one.name))).toEqual([["a", "b"], ["c"]]);
  });

  it("are at most fifty in one request", () => {
    const { sent } = batches(Array.from({ length: 51 }, (_, at) => file(String(at), 1)));
    expect(sent.map((batch) => batch.length)).toEqual([50, 1]);
  });

  it("go by themselves when they do not fit with others", () => {
    const { sent, tooLarge } = batches([file("a", 1), file("big", mostTogether + 1), file("b", 1)]);
    expect(sent.map((batch) => batch.map((one) => one.name))).toEqual([["a"], ["big"], ["b"]]);
    expect(tooLarge).toEqual([]);
  });

  it("are left out, and named, when no request holds them", () => {
    const { sent, tooLarge } = batches([file("big", mostBytes + 1), file("small", 1)]);
    expect([sent.flat(), tooLarge].map((some) => some.map((one) => one.name))).toEqual([["small"], ["big"]]);
  });
});

describe("what they became", () => {
  it("is counted over all requests", () => {
    const one = { ...nothing, added: 2, problems: [{ source: "x", detail: "y" }], version: 3 };
    expect(together(one, { ...nothing, added: 1, updated: 1, version: 4 })).toEqual({
      added: 3,
      updated: 1,
      unchanged: 0,
      problems: [{ source: "x", detail: "y" }],
      version: 4,
    });
  });
});

describe("a file as text", () => {
  it("keeps every byte", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    const read = atob(await toBase64(new Blob([bytes])));
    expect(read.length).toBe(70_000);
    expect([read.charCodeAt(255), read.charCodeAt(69_999)]).toEqual([255, 69_999 % 256]);
  });
});
