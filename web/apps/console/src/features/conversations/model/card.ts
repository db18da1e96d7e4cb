/** A product or an order below words, as every channel can tell it: on a line of its own after a mark. */

const mark = "\n▸ ";

/** The words, and what stands on the card below them. */
export function partsOf(text: string): readonly [words: string, card: string] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** The other way round. */
export const withPart = (words: string, card: string): string => (card ? words + mark + card : words);

/** The words with this card below them, in place of one that was there. */
export function withCard(text: string, label: string, facts: readonly string[]): string {
  const told = facts.map((fact) => fact.replaceAll(/\s+/g, " ").trim()).filter(Boolean);
  return withPart(partsOf(text)[0], `${label} ${told.join(" · ")}`);
}
