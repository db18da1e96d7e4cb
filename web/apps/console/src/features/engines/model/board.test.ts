import { describe, expect, it } from "vitest";
import type { Day, Route, Standing } from "../api/engines";
import { day as anyDay, route as anyRoute } from "../testing/routes";
import { linesOf, microOf, money, points, traced } from "./board";

const standing = (name: string, more: Partial<Standing> = {}): Standing => ({
  name,
  state: "closed",
  keys: [],
  in_flight: 0,
  throttled: 0,
  first_content_p50_ms: 300,
  first_content_p95_ms: 900,
  ...more,
});

const key = (requests_left: number | null) => ({
  id: "k",
  state: "active",
  reason: "",
  rests_s: 0,
  in_flight: 0,
  requests_left,
  tokens_left: null,
});

const route = (name: string, more: Partial<Route> = {}) => anyRoute({ name, rpm: 100, ...more });
const day = (name: string, more: Partial<Day> = {}) => anyDay({ route: name, ...more });

const only = (routes: Route[], board: Standing[], days: Day[] = []) =>
  linesOf(routes, board, days, "2026-11-21");

describe("the board", () => {
  it("puts first choices first and what is off last", () => {
    const routes = [
      route("off", { enabled: false, weight: 9 }),
      route("spare", { tier: "fallback" }),
      route("light"),
      route("heavy", { weight: 5 }),
    ];
    const names = only(
      routes,
      routes.map((one) => standing(one.name)),
    ).map((one) => one.route.name);
    expect(names).toEqual(["heavy", "light", "spare", "off"]);
  });

  it("adds up what all keys have left, of what all may", () => {
    const [line] = only([route("a")], [standing("a", { keys: [key(50), key(100)] })]);
    expect(line?.requests).toBe(0.75);
    expect(line?.tokens).toBeNull();
  });

  it("shows no bar where nothing is limited", () => {
    const [line] = only([route("a")], [standing("a", { keys: [key(null)] })]);
    expect(line?.requests).toBeNull();
  });

  it("counts today, however it ended, and no other day and route", () => {
    const days = [
      day("a"),
      day("a", { outcome: "failed", attempts: 1, cost_micro: 0 }),
      day("a", { day: "2026-11-20" }),
      day("b"),
    ];
    const [line] = only([route("a")], [standing("a")], days);
    expect([line?.attempts, line?.costMicro]).toEqual([4, 1200]);
  });

  it("does not tell what others did at a shared route", () => {
    const [shared] = only([route("a", { origin: "shared" })], [standing("a", { throttled: 4 })]);
    const [own] = only([route("a")], [standing("a", { throttled: 4 })]);
    expect([shared?.throttled, own?.throttled]).toEqual([null, 4]);
  });

  it("knows nothing of a route that does not stand on this node", () => {
    expect(only([route("a")], [])[0]).toMatchObject({ state: "off", p50: null, inFlight: 0 });
  });
});

describe("figures", () => {
  it("show small sums too", () => {
    expect([money(0, "en"), money(400, "en"), money(1_234_567_000, "en")]).toEqual([
      "¥0.00",
      "¥0.0004",
      "¥1,234.57",
    ]);
  });

  it("take a price as it is typed, and nothing for nonsense", () => {
    expect([microOf("1.2"), microOf("0.0005"), microOf("-1"), microOf("x")]).toEqual([1_200_000, 500, 0, 0]);
  });

  it("draw a line from zero", () => {
    expect(points([0, 10, 5], 100, 20)).toBe("0,20 50,0 100,10");
  });

  it("keep the last so many, and leave out what is not known", () => {
    expect(traced([1, 2, 3], 4, 3)).toEqual([2, 3, 4]);
    expect(traced([1], null)).toEqual([1]);
  });
});
