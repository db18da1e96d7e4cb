export interface Rules {
  readonly body: object;
  readonly products: number;
  readonly offers: number;
  readonly delivery: number;
}

/** The rules as they are typed, and how many there are of each kind; null when it is no object of JSON. */
export function readRules(text: string): Rules | null {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
    const count = (name: string) => {
      const found = (body as Record<string, unknown>)[name];
      return Array.isArray(found) ? found.length : 0;
    };
    return { body, products: count("products"), offers: count("offers"), delivery: count("delivery") };
  } catch {
    return null;
  }
}
