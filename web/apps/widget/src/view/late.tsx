import type { ComponentChild } from "preact";
import type { Visit } from "../visit";

type Parts = typeof import("./parts");
let parts: Parts | undefined;

/** Draws with parts that are fetched when the first of them is needed. */
export function Late({ visit, draw }: { visit: Visit; draw(parts: Parts): ComponentChild }) {
  if (parts) return draw(parts);
  import("./parts").then(
    (found) => {
      parts = found;
      visit.show({});
    },
    () => undefined,
  );
  return null;
}
