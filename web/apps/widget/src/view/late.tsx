import type { ComponentChild } from "preact";
import { wear } from "../sheet";
import type { Visit } from "../visit";

type Parts = typeof import("./parts");
let parts: Parts | undefined;

/** Fetches the parts when the first of them is needed. */
export async function fetchParts(visit: Visit): Promise<Parts> {
  const found = await import("./parts");
  if (!visit.dressed) wear(visit.shell.root, found.style);
  visit.dressed = true;
  parts = found;
  return found;
}

/** Draws with parts that come later. */
export function Late({ visit, draw }: { visit: Visit; draw(parts: Parts): ComponentChild }) {
  if (parts && visit.dressed) return draw(parts);
  fetchParts(visit).then(
    () => visit.show({}),
    () => undefined,
  );
  return null;
}
