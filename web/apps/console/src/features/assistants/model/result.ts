/** A line of what a tool told: how deep it stands, its name, and its value where it has one of its own. */
export interface Line {
  readonly depth: number;
  readonly name: string;
  readonly value: string;
}

const most = 200;

/** A result as lines that a person reads, not as JSON; what is no object is one line. */
export function linesOf(json: string): readonly Line[] {
  const found: Line[] = [];
  walk(parsed(json), "", 0, found);
  return found.slice(0, most);
}

function walk(value: unknown, name: string, depth: number, found: Line[]): void {
  if (found.length > most) return;
  if (typeof value !== "object" || value === null) {
    found.push({ depth, name, value: value === null ? "—" : String(value) });
    return;
  }
  if (name) found.push({ depth, name, value: "" });
  const inside = name ? depth + 1 : depth;
  const entries = Array.isArray(value)
    ? value.map((one, n) => [`${n + 1}`, one] as const)
    : Object.entries(value);
  for (const [key, one] of entries) walk(one, key, inside, found);
}

/** The same as text, to be put into a reply. */
export function textOf(lines: readonly Line[]): string {
  return lines
    .map(({ depth, name, value }) => `${"  ".repeat(depth)}${[name, value].filter(Boolean).join(": ")}`)
    .join("\n");
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
