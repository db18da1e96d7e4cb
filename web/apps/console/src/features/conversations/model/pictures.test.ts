import "../../../shared/testing/browser";

import { describe, expect, it } from "vitest";
import { withPictures } from "./pictures";

const picture = { name: "正面.png", url: "/v1/media/med_1", preview: "blob:1" };

describe("pictures in a message", () => {
  it("stand below the words, each on a line of its own", () => {
    expect(withPictures("请看", [picture, picture])).toBe(
      "请看\n![正面.png](/v1/media/med_1)\n![正面.png](/v1/media/med_1)",
    );
    expect(withPictures("", [picture])).toBe("![正面.png](/v1/media/med_1)");
    expect(withPictures("请看", [])).toBe("请看");
  });

  it("stand beside files, which are no pictures", () => {
    const file = { name: "发票.pdf", url: "/v1/media/med_2", preview: "" };
    expect(withPictures("请看", [picture, file])).toBe(
      "请看\n![正面.png](/v1/media/med_1)\n[发票.pdf](/v1/media/med_2)",
    );
  });

  it("leave a card its place at the end", () => {
    expect(withPictures("好\n▸ 订单 1", [picture])).toBe("好\n![正面.png](/v1/media/med_1)\n▸ 订单 1");
  });
});
