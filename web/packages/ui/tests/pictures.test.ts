import { describe, expect, it } from "vitest";
import { nameOf, shown } from "../src/pictures";
import { kindOf, mostBytes, shrink } from "../src/shrink";

const bytes = (...all: number[]) => new Uint8Array([...all, ...Array(12).fill(0)]);

describe("pictures in a message", () => {
  it("are named as every channel reads them", () => {
    expect(shown("正面.png", "/v1/media/med_1")).toBe("![正面.png](/v1/media/med_1)");
  });

  it("have names that cannot end their own brackets", () => {
    expect(nameOf("a](javascript:1)[b\n<img onerror=x>.png")).toBe("a (javascript:1) b <img onerror=x>.png");
    expect(nameOf(" \u0000\u2028 ")).toBe("picture");
    expect(nameOf("长".repeat(200))).toHaveLength(80);
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
