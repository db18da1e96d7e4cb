export interface Command {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** More that it may be found by. */
  readonly words: string;
  readonly run: () => void;
}

const shownAtMost = 12;

/** Every part of what was typed must stand somewhere; a name that begins with it comes first. */
export function find(commands: readonly Command[], text: string): Command[] {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = (one: Command) => `${one.name} ${one.about} ${one.words}`.toLowerCase();
  const first = parts[0] ?? "";
  return commands
    .filter((one) => parts.every((part) => hay(one).includes(part)))
    .map((one) => ({ one, rank: first && one.name.toLowerCase().startsWith(first) ? 0 : 1 }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, shownAtMost)
    .map(({ one }) => one);
}
