import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { sha256 } from "../src/sha256";

const oracle = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

it.each(["", "abc", "您好，秒回 🙂", "a".repeat(55), "a".repeat(56), "a".repeat(64), "退货".repeat(500)])(
  "hashes %j as OpenSSL does",
  (text) => {
    expect(sha256(text)).toBe(oracle(text));
  },
);
