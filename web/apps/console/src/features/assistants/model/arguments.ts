import type { Schema } from "../api/assistants";

export type Shape = "choice" | "text" | "number" | "flag" | "json";

/** What one fills in for a parameter of a tool. */
export function shapeOf(schema: Schema): Shape {
  if (schema.enum) return "choice";
  if (schema.type === "string") return "text";
  if (schema.type === "integer" || schema.type === "number") return "number";
  return schema.type === "boolean" ? "flag" : "json";
}

export type Filled = Readonly<Record<string, string>>;

/** What was filled in as a tool reads it; null when some of it is no JSON or no number. */
export function argumentsOf(parameters: Schema, filled: Filled): Record<string, unknown> | null {
  const given: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(parameters.properties ?? {})) {
    const text = (filled[name] ?? "").trim();
    if (!text) continue;
    const value = read(shapeOf(schema), text);
    if (value === undefined) return null;
    given[name] = value;
  }
  return given;
}

function read(shape: Shape, text: string): unknown {
  if (shape === "text" || shape === "choice") return text;
  if (shape === "flag") return text === "true";
  if (shape === "number") return Number.isFinite(Number(text)) ? Number(text) : undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON on many lines; what is none stays as it is. */
export function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
