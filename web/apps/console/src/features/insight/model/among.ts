/** What the address says of the page; what is not named is whichever. */
export interface Shown {
  readonly tab?: string | undefined;
  readonly days?: string | undefined;
  readonly inbox?: string | undefined;
  readonly channel?: string | undefined;
  readonly assistant?: string | undefined;
  readonly team?: string | undefined;
  readonly agent?: string | undefined;
}

/** Which conversations are counted; "" is whichever. */
export type Among = Readonly<Record<Side, string>>;

export const sides = ["inbox", "channel", "assistant", "team", "agent"] as const;
export type Side = (typeof sides)[number];

export interface Option {
  readonly id: string;
  readonly name: string;
}

/** What there is to choose from on each side. */
export type Choices = Readonly<Record<Side, readonly Option[]>>;

/** What the address asks for, as far as there is such a thing. */
export function amongOf(shown: Shown, choices: Choices): Among {
  const known = (side: Side) => choices[side].find((one) => one.id === shown[side])?.id ?? "";
  return {
    inbox: known("inbox"),
    channel: known("channel"),
    assistant: known("assistant"),
    team: known("team"),
    agent: known("agent"),
  };
}

export const isNarrowed = (among: Among): boolean => sides.some((side) => among[side] !== "");

/** What the address says with another choice; the usual is not named. */
export function shownWith(days: number, among: Among, change: Partial<Shown>): Shown {
  const named = Object.fromEntries(sides.map((side) => [side, among[side] || undefined]));
  return { days: days === 7 ? undefined : String(days), ...named, ...change };
}

interface Door {
  readonly id: string;
  readonly name: string;
  readonly channel: string;
  readonly assistant_name: string;
}

/** Kinds of doors and names of assistants among the inboxes, each once, in the order in which they came. */
export function choicesOf(
  inboxes: readonly Door[],
  teams: readonly Option[],
  agents: readonly Option[],
  nameOfChannel: (channel: string) => string,
): Choices {
  const once = (names: readonly string[]) => [...new Set(names)].filter(Boolean);
  return {
    inbox: inboxes.map(({ id, name }) => ({ id, name })),
    channel: once(inboxes.map((one) => one.channel)).map((id) => ({ id, name: nameOfChannel(id) })),
    assistant: once(inboxes.map((one) => one.assistant_name)).map((id) => ({ id, name: id })),
    team: teams.map(({ id, name }) => ({ id, name })),
    agent: agents.map(({ id, name }) => ({ id, name })),
  };
}
