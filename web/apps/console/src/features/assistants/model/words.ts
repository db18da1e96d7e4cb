import type { OwnWords, Replacement } from "../api/words";

export const mostBlocked = 2000;
export const mostReplaced = 500;
const longest = 64;

export type Why = "short" | "long" | "twice" | "form" | "many";

export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly why: Why;
}

/** Words as they are typed: one a line; empty lines say nothing. */
export interface Typed {
  readonly blocked: string;
  readonly replaced: string;
}

export function typedOf(words: OwnWords): Typed {
  return {
    blocked: words.blocked.join("\n"),
    replaced: words.replaced.map(({ word, by }) => `${word} = ${by}`.trimEnd()).join("\n"),
  };
}

export function readBlocked(text: string): { words: string[]; fault: Fault | null } {
  const found = lines(text);
  const fault =
    faultOf(found, mostBlocked, ({ said }) => (letters(said).length < 2 ? "short" : null)) ?? null;
  return { words: found.map(({ said }) => said), fault };
}

export function readReplaced(text: string): { words: Replacement[]; fault: Fault | null } {
  const pairs = lines(text).map(({ said, line }) => {
    const cut = said.search(/[=＝]/);
    return { line, said: cut < 0 ? "" : said.slice(0, cut).trim(), by: said.slice(cut + 1).trim() };
  });
  const fault = faultOf(pairs, mostReplaced, ({ said, by }) => {
    if (letters(said).length < 1) return "form";
    return by.length > longest ? "long" : null;
  });
  return { words: pairs.map(({ said, by }) => ({ word: said, by })), fault };
}

interface Line {
  readonly line: number;
  readonly said: string;
}

function lines(text: string): Line[] {
  return text
    .split("\n")
    .map((said, n) => ({ said: said.trim(), line: n + 1 }))
    .filter(({ said }) => said !== "");
}

function faultOf<L extends Line>(
  found: readonly L[],
  most: number,
  why: (one: L) => Why | null,
): Fault | null {
  const seen = new Set<string>();
  for (const [n, one] of found.entries()) {
    const key = letters(one.said);
    const wrong =
      n >= most
        ? "many"
        : one.said.length > longest
          ? "long"
          : (why(one) ?? (seen.has(key) ? "twice" : null));
    if (wrong) return { line: one.line, why: wrong };
    seen.add(key);
  }
  return null;
}

/** What the filter looks at: it passes over blanks and marks, and takes letters as small. */
function letters(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s*_\-.|/\\~^·•・˙`'"‧∙]/g, "");
}
