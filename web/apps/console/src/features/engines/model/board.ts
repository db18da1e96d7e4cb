import type { Day, Route, Standing, State } from "../api/engines";

/** A line of the board: how a route is set up, how it stands, and what it did today. */
export interface Line {
  readonly route: Route;
  readonly state: State | "off";
  /** Shares from 0 to 1 of what is left of this minute; null is not limited. */
  readonly requests: number | null;
  readonly tokens: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly inFlight: number;
  /** Null for routes of all companies: what others did there is not told. */
  readonly throttled: number | null;
  readonly attempts: number;
  readonly costMicro: number;
}

const order = { primary: 0, fallback: 1, local: 2 } as const;

/** Every route with what is known of it now; the first choices first, and those that are off last. */
export function linesOf(
  routes: readonly Route[],
  board: readonly Standing[],
  days: readonly Day[],
  today: string,
): Line[] {
  const standings = new Map(board.map((one) => [one.name, one]));
  return routes
    .map((route) => lineOf(route, standings.get(route.name), days, today))
    .sort(
      (a, b) =>
        Number(a.state === "off") - Number(b.state === "off") ||
        order[a.route.tier] - order[b.route.tier] ||
        b.route.weight - a.route.weight ||
        a.route.name.localeCompare(b.route.name),
    );
}

function lineOf(route: Route, now: Standing | undefined, days: readonly Day[], today: string): Line {
  const done = days.filter((one) => one.route === route.name && one.day === today);
  const sum = (pick: (day: Day) => number) => done.reduce((all, one) => all + pick(one), 0);
  const keys = now?.keys ?? [];
  return {
    route,
    state: route.enabled && now ? now.state : "off",
    requests: share(
      keys.map((one) => one.requests_left),
      route.rpm,
    ),
    tokens: share(
      keys.map((one) => one.tokens_left),
      route.tpm,
    ),
    p50: now?.first_content_p50_ms ?? null,
    p95: now?.first_content_p95_ms ?? null,
    inFlight: now?.in_flight ?? 0,
    throttled: route.origin === "own" ? (now?.throttled ?? 0) : null,
    attempts: sum((one) => one.attempts),
    costMicro: sum((one) => one.cost_micro),
  };
}

/** What the keys have left together, of what each may; no limit is no bar. */
function share(left: readonly (number | null)[], limit: number): number | null {
  const known = left.flatMap((one) => (one === null ? [] : [one]));
  if (limit <= 0 || known.length === 0) return null;
  return Math.min(1, known.reduce((all, one) => all + one, 0) / (limit * known.length));
}

/** `¥0.0123`: as many places as it takes to see something. */
export function money(micro: number, locale: string): string {
  const units = micro / 1_000_000;
  const places = units === 0 || units >= 1 ? 2 : 4;
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  return `¥${units.toLocaleString(locale, digits)}`;
}

/** The first so many values of a route, kept while one looks: where the line of its first words goes. */
export function traced(before: readonly number[], value: number | null, most = 60): readonly number[] {
  return value === null ? before : [...before, value].slice(-most);
}

/** Points of a line in a box, from zero at the bottom to the largest at the top. */
export function points(values: readonly number[], width: number, height: number): string {
  const top = Math.max(...values, 1);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values.map((one, n) => `${round(n * step)},${round(height - (one / top) * height)}`).join(" ");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A price per million tokens as it is entered, in millionths as it is kept. */
export function microOf(price: string): number {
  const value = Number(price);
  return Number.isFinite(value) && value > 0 ? Math.round(value * 1_000_000) : 0;
}
