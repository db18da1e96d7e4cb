export type Attributes = Readonly<Record<string, string>>;

/** One a line: `city: 杭州`. */
export function textOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** As they are typed, with a colon of either width; a line without one says nothing. */
export function attributesOf(text: string): Attributes {
  const read: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, name, value] = line.match(/^\s*([^:：]{1,64}?)\s*[:：]\s*(.{1,256}?)\s*$/) ?? [];
    if (name && value) read[name] = value;
  }
  return read;
}

/** What is to be told the server: what is new or otherwise, and an empty value for what is gone. */
export function changesOf(known: Attributes, wanted: Attributes): Attributes {
  const gone = Object.keys(known).filter((name) => !(name in wanted));
  const changed = Object.entries(wanted).filter(([name, value]) => known[name] !== value);
  return Object.fromEntries([...gone.map((name) => [name, ""] as const), ...changed]);
}
