/** Reveals a growing text by words at a steady pace, whatever the bursts it arrives in. */

/**
 * How many characters of `text` may be shown after `elapsed_ms` more, given that `shown` were. Whole words only.
 * `pace` is the assistant's: "" as it comes, `steady` or `calm`; with these a moment may be too short for a character,
 * and counts into the next.
 */
export function reveal(text: string, shown: number, elapsed_ms: number, pace?: string): number {
  const behind = text.length - shown;
  if (behind <= 0) return text.length;
  const slowest = pace ? (pace === "calm" ? 12 : 24) : 30;
  const seconds_behind = pace ? 120 / slowest : 0.45;
  const step = (Math.max(slowest, behind / seconds_behind) * elapsed_ms) / 1000;
  // A frame may have begun before it was asked for: then less than no time has passed.
  const target = Math.min(text.length, shown + Math.max(pace ? 0 : 1, Math.floor(step)));
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
