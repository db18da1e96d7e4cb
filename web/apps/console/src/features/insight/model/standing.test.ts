import { describe, expect, it } from "vitest";
import { standingOf } from "./standing";

describe("standingOf", () => {
  it("counts a route that recovers as one that answers", () => {
    const routes = [
      { name: "a", state: "closed" },
      { name: "b", state: "ramp" },
    ] as const;
    expect(standingOf(routes)).toEqual({ well: 2, of: 2, away: "", tone: "" });
  });

  it("names the first that does not answer, and is red when none does", () => {
    const away = { name: "b", state: "open" } as const;
    expect(standingOf([{ name: "a", state: "closed" }, away])).toMatchObject({
      well: 1,
      away: "b",
      tone: "amber",
    });
    expect(standingOf([away])).toMatchObject({ well: 0, tone: "red" });
    expect(standingOf([])).toMatchObject({ of: 0, tone: "" });
  });
});
