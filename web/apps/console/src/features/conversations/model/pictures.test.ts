import "../../../shared/testing/browser";

import { describe, expect, it } from "vitest";
import { nameOf, withPictures } from "./pictures";
import { kindOf, mostBytes, shrink } from "./shrink";

const bytes = (...all: number[]) => new Uint8Array([...all, ...Array(12).fill(0)]);
const picture = { name: "正面.png", url: "/v1/media/med_1" };

describe("pictures in a message", () => {
  it("stand below the words, each on a line of its own", () => {
    expect(withPictures("请看", [picture, picture])).toBe(
      "请看\n![正面.png](/v1/media/med_1)\n![正面.png](/v1/media/med_1)",
    );
    expect(withPictures("", [picture])).toBe("![正面.png](/v1/media/med_1)");
    expect(withPictures("请看", [])).toBe("请看");
  });

  it("leave a card its place at the end", () => {
    expect(withPictures("好\n▸ 订单 1", [picture])).toBe("好\n![正面.png](/v1/media/med_1)\n▸ 订单 1");
  });

  it("have names that cannot end their own brackets", () => {
    expect(nameOf("a](javascript:1)[b\n<img onerror=x>.png")).toBe("a (javascript:1) b <img onerror=x>.png");
    expect(nameOf(" \u0000\u2028 ")).toBe("picture");
    expect(nameOf("长".repeat(200))).toHaveLength(80);
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
