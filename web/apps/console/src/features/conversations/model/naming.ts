/** What is being named while one writes: a canned reply after `/`, or a colleague after `@` in a note. */
export interface Naming {
  readonly kind: "reply" | "mention";
  readonly words: string;
  /** Where its mark stands. */
  readonly from: number;
}

const longest = 40;

/** A reply only where the text begins with `/`; a colleague wherever `@` begins a word, and in notes only. */
export function namingAt(text: string, caret: number, note: boolean): Naming | null {
  const before = text.slice(0, caret);
  const reply = /^\/(\S*)$/.exec(before);
  if (reply && !note) return { kind: "reply", words: reply[1] ?? "", from: 0 };
  const at = before.lastIndexOf("@");
  if (!note || at < 0 || before.length - at > longest) return null;
  const words = before.slice(at + 1);
  const begins = at === 0 || !/[\w.]/.test(before[at - 1] ?? "");
  return begins && !/[\s@]/.test(words) ? { kind: "mention", words, from: at } : null;
}

/** A canned reply takes the place of what stood there; a name stands where it was begun. Answers the caret too. */
export function named(text: string, caret: number, naming: Naming, words: string): readonly [string, number] {
  const chosen = naming.kind === "mention" ? `@${words} ` : words;
  const head = text.slice(0, naming.from) + chosen;
  return [head + text.slice(caret).replace(/^ /, naming.kind === "mention" ? "" : " "), head.length];
}
