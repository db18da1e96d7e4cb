/** Sites as one types them, one a line: a path that was pasted along is cut off. */
export function originsOf(text: string): string[] {
  const typed = text.split(/[\s,，;；]+/).filter(Boolean);
  return [...new Set(typed.map((one) => (URL.canParse(one) ? new URL(one).origin : one)))];
}

/** The first that is no site, or "". */
export function faultyOrigin(origins: readonly string[]): string {
  return origins.find((one) => !/^https?:\/\/[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$/.test(one)) ?? "";
}
