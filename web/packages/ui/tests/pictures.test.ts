import { describe, expect, it, vi } from "vitest";
import { acceptedBy, factsOf, fileTypes, lookOf, nameOf, shown, sizeOf } from "../src/pictures";
import { fit, kindOf, mostBytes, mostOfAFile, shrink } from "../src/shrink";

const bytes = (...all: number[]) => new Uint8Array([...all, ...Array(12).fill(0)]);

describe("pictures in a message", () => {
  it("are named as every channel reads them", () => {
    const one = { name: "正面.png", url: "/v1/media/med_1", preview: "blob:1" };
    expect(shown(one)).toBe("![正面.png](/v1/media/med_1)");
    expect(shown({ ...one, name: "发票.pdf", preview: "" })).toBe("[发票.pdf](/v1/media/med_1)");
  });

  it("have names that cannot end their own brackets", () => {
    expect(nameOf("a](javascript:1)[b\n<img onerror=x>.png")).toBe("a (javascript:1) b <img onerror=x>.png");
    expect(nameOf(" \u0000\u2028 ")).toBe("picture");
    expect(nameOf("长".repeat(200))).toHaveLength(80);
    expect(nameOf(`${"长".repeat(200)}.docx`)).toMatch(/长\.docx$/);
  });

  it("have names that do not turn the line around", () => {
    expect(nameOf("a\u202egnp.exe")).toBe("a gnp.exe");
    expect(nameOf("\u2066x\u2069 \u200f.png")).toBe("x .png");
  });
});

describe("what may be sent", () => {
  it("goes by the bytes and not by the name", () => {
    expect(kindOf(bytes(0xff, 0xd8, 0xff, 0xe0))).toBe("image/jpeg");
    expect(kindOf(bytes(0x89, 0x50, 0x4e, 0x47))).toBe("image/png");
    expect(kindOf(new TextEncoder().encode("GIF89a"))).toBe("image/gif");
    expect(kindOf(new TextEncoder().encode("RIFF0000WEBPVP8 "))).toBe("image/webp");
    expect(kindOf(new TextEncoder().encode("<svg onload=x>"))).toBe("");
  });

  it("is left as it is when it fits", async () => {
    const file = new Blob([bytes(0x89, 0x50, 0x4e, 0x47)]);
    expect(await shrink(file)).toBe(file);
  });

  it("is refused when it is no picture, and when it moves and is large", async () => {
    expect(await shrink(new Blob(["MZ…"]))).toBe("type");
    const moving = new Blob([new TextEncoder().encode("GIF89a"), new Uint8Array(mostBytes)]);
    expect(await shrink(moving)).toBe("moving");
  });
});

describe("a file that is no picture", () => {
  const file = (name: string, ...parts: BlobPart[]) => new File(parts, name);

  it("goes as it is when its name ends as one that is taken", async () => {
    const pdf = file("发票.PDF", "%PDF-1.7");
    expect(await fit(pdf, fileTypes)).toEqual({ file: pdf, picture: false });
    expect(await fit(file("run.exe", "MZ"), fileTypes)).toBe("type");
    expect(await fit(pdf, [])).toBe("type");
    expect(await fit(file("a.pdf"), fileTypes)).toBe("empty");
    expect(await fit(file("a.zip", new Uint8Array(mostOfAFile + 1)), fileTypes)).toBe("large");
  });

  it("is a picture by its bytes, whatever it is called", async () => {
    const png = file("a.pdf", bytes(0x89, 0x50, 0x4e, 0x47));
    expect(await fit(png, fileTypes)).toEqual({ file: png, picture: true });
    expect(await fit(png, fileTypes, false)).toBe("type");
  });

  it("is chosen by the endings that are taken", () => {
    expect(acceptedBy(["pdf", "mp3"], false)).toBe(".pdf,.mp3");
    expect(acceptedBy([])).toBe("image/jpeg,image/png,image/gif,image/webp");
  });

  it("shows how large it is, and what it is like", () => {
    expect([0, 1023, 1025, 2_500_000].map(sizeOf)).toEqual(["0 B", "1023 B", "2 KB", "2.4 MB"]);
    const office = "application/vnd.openxmlformats-officedocument.";
    const types = ["audio/mpeg", "audio/amr", "video/mp4", "application/zip", "text/csv", "application/pdf"];
    expect(types.map(lookOf)).toEqual(["audio", "file", "video", "archive", "sheet", "text"]);
    expect(lookOf(`${office}presentationml.presentation`)).toBe("slides");
    expect(lookOf(`${office}wordprocessingml.document`)).toBe("text");
    expect(lookOf("")).toBe("file");
  });

  it("is asked about once, and again while it is not there", async () => {
    const answers = [new Response(null, { status: 404 })];
    const asked = vi.fn(async () => {
      const headers = { "content-type": "application/pdf", "content-length": "7" };
      return answers.pop() ?? new Response(null, { headers });
    });
    vi.stubGlobal("fetch", asked);
    expect(await factsOf("/v1/media/med_x")).toBeNull();
    expect(await factsOf("/v1/media/med_x")).toEqual({ type: "application/pdf", bytes: 7 });
    expect(await factsOf("/v1/media/med_x")).toEqual({ type: "application/pdf", bytes: 7 });
    expect(asked).toHaveBeenCalledTimes(2);
    vi.unstubAllGlobals();
  });
});
