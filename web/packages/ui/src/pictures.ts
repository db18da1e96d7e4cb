/** What a message may hold beside words, for whoever writes it. */

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
