/** What a message may hold beside words, for whoever writes it. */

import type { Refusal } from "./shrink";

/** A picture that is to go with a message. */
export interface Attached {
  /** Also the key of its upload: however often that is tried, it is one picture. */
  readonly id: string;
  readonly name: string;
  readonly file: Blob;
  /** Where this page shows it from. */
  readonly preview: string;
  readonly state: "sending" | "ready" | "failed";
  /** How much has gone, 0 to 1. */
  readonly share: number;
  /** Where it lies, once it is there. */
  readonly url: string;
  /** Why it failed. */
  readonly code: string;
}

/** One that cannot go, and why. */
export interface Refused {
  readonly name: string;
  readonly why: Refusal | "many";
}

export const mostAtOnce = 9;
export const accepted = "image/jpeg,image/png,image/gif,image/webp";

/** What would end the name or its line, or turn the writing around, so that `exe.png` is read where `gnp.exe` stands. */
const troubling = "[]\u007f\u2028\u2029\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";

/** A file's name as it may stand in a message. */
export function nameOf(name: string): string {
  const plain = Array.from(name, (letter) =>
    letter < " " || troubling.includes(letter) ? " " : letter,
  ).join("");
  return plain.replace(/\s+/g, " ").trim().slice(0, 80) || "picture";
}

/** A picture as a message names it. */
export const shown = (name: string, url: string): string => `![${name}](${url})`;
