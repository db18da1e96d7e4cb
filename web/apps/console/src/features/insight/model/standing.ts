import type { Standing } from "../api/board";

/** How many routes answer, of how many, and the first that does not. */
export function standingOf(routes: readonly Standing[]) {
  const away = routes.filter((one) => one.state === "open" || one.state === "half_open");
  const well = routes.length - away.length;
  const tone = away.length === 0 ? "" : well === 0 ? "red" : "amber";
  return { well, of: routes.length, away: away[0]?.name ?? "", tone };
}
