import { describe, expect, it } from "vitest";
import { stepOf } from "./idle";

const here = { presence: "online", leftByItself: false, touchedAt: 0 } as const;
const minute = 60_000;

describe("who touches nothing", () => {
  it("is away after as long as they said, and not before", () => {
    expect(stepOf(here, 5, 5 * minute - 1)).toBeNull();
    expect(stepOf(here, 5, 5 * minute)).toBe("leave");
  });

  it("is never away by itself when they said so, nor when they are not online", () => {
    expect(stepOf(here, 0, 500 * minute)).toBeNull();
    expect(stepOf({ ...here, presence: "offline" }, 5, 500 * minute)).toBeNull();
  });

  it("is there again with the first touch", () => {
    const gone = { presence: "away", leftByItself: true, touchedAt: 9 * minute } as const;
    expect(stepOf(gone, 5, 9 * minute + 1)).toBe("return");
    expect(stepOf({ ...gone, touchedAt: 0 }, 5, 9 * minute)).toBeNull();
  });

  it("stays away when they chose to be", () => {
    const chose = { presence: "away", leftByItself: false, touchedAt: 9 * minute } as const;
    expect(stepOf(chose, 5, 9 * minute + 1)).toBeNull();
  });
});
