import type { ReactNode } from "react";

export interface Option {
  readonly key: string;
  readonly name: string;
  readonly about?: string | undefined;
  readonly mark?: ReactNode;
  readonly chosen?: boolean;
}

/** Those whose name or remark holds every part of what was typed; a name that begins with it comes first. */
export function found<T extends Option>(options: readonly T[], words: string): T[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = (one: T) => `${one.name} ${one.about ?? ""}`.toLowerCase();
  const begins = (one: T) => (parts[0] && one.name.toLowerCase().startsWith(parts[0]) ? 0 : 1);
  return options
    .filter((one) => parts.every((part) => hay(one).includes(part)))
    .sort((a, b) => begins(a) - begins(b));
}

/** The next place in a ring of `count`. */
export function stepped(at: number, by: number, count: number): number {
  return count === 0 ? 0 : (at + by + count) % count;
}
