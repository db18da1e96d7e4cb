/** Reveals a growing text by words at a steady pace, whatever the bursts it arrives in. */

const SECONDS_BEHIND = 0.45;
const SLOWEST_PER_S = 30;

/** How many characters of `text` may be shown after `elapsed_ms` more, given that `shown` were. Whole words only. */
export function reveal(text: string, shown: number, elapsed_ms: number): number {
  const behind = text.length - shown;
  if (behind <= 0) return text.length;
  const pace = Math.max(SLOWEST_PER_S, behind / SECONDS_BEHIND);
  const target = Math.min(text.length, shown + Math.max(1, Math.round((pace * elapsed_ms) / 1000)));
  return wordEnd(text, target);
}

/** The end of the word that position `at` is in. A Chinese character is a word; an emoji is never cut. */
function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && JOINS.test(charAt(text, end))) end += charAt(text, end).length;
  return inPair(text, end) ? end + 1 : end;
}

const JOINS = /\p{Script=Latin}|\p{N}|\p{M}|\p{Emoji_Modifier}|\u200d/u;

function charAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) as number);
}

function inPair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
