import type { Connector, Written } from "../api/connectors";

export interface Filled {
  readonly name: string;
  readonly url: string;
  readonly description: string;
  readonly auth: Connector["auth"];
  readonly secret: string;
  readonly operations: string;
  readonly identity: string;
}

/** What a new connector may begin with: one question about whoever is signed in. */
const example = [
  {
    name: "get_profile",
    description: "The member level and points of the person who is logged in.",
    path: "/customers/{owner}",
    owner_field: "id",
  },
];

export const blank: Filled = {
  name: "",
  url: "",
  description: "",
  auth: { kind: "bearer", name: "", user: "" },
  secret: "",
  operations: JSON.stringify(example, null, 2),
  identity: "",
};

export function filledOf(one: Connector): Filled {
  return {
    name: one.name,
    url: one.url,
    description: one.description,
    auth: { ...blank.auth, ...one.auth },
    secret: "",
    operations: JSON.stringify(one.operations.map(withoutSql), null, 2),
    identity: one.identity ? JSON.stringify(withoutSql(one.identity), null, 2) : "",
  };
}

/** As the server reads it; null when the operations are no list, or something is no JSON. */
export function writtenOf(filled: Filled, known: Connector | undefined): Written | null {
  const operations = read(filled.operations || "[]");
  const identity = filled.identity.trim() ? read(filled.identity) : null;
  if (!Array.isArray(operations) || identity === undefined) return null;
  return {
    url: filled.url.trim(),
    description: filled.description.trim(),
    auth: filled.auth,
    timeout_s: known?.timeout_s ?? 5,
    enabled: true,
    operations,
    identity,
    ...(filled.secret && { secret: filled.secret }),
  };
}

export function mayBeNamed(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,39}$/.test(name);
}

/** Over HTTP there is no SQL, and the server takes none. */
function withoutSql(one: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { sql: _, ...rest } = one;
  return rest;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
