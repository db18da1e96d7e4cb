import { describe, expect, it } from "vitest";
import { bars, facts, factText, readPassages, sumOf, type Turn, took, totalMs } from "./turn";

const turn: Turn = {
  id: "turn_1",
  outcome: "answered",
  reason: "",
  route: "glm",
  startedAt: 0,
  stages: [
    { name: "stream", atMs: 50, tookMs: 150, facts: {} },
    { name: "guard", atMs: 0, tookMs: 50, facts: { reason: "", missing: [], allowed: true, suspicion: 0 } },
  ],
};

describe("the waterfall of a turn", () => {
  it("spans from the first moment to the last", () => {
    expect(totalMs(turn)).toBe(200);
    expect(bars(turn).map(({ stage, from, width }) => [stage.name, from, width])).toEqual([
      ["guard", 0, 0.25],
      ["stream", 0.25, 0.75],
    ]);
  });

  it("does not divide by nothing", () => {
    expect(bars({ ...turn, stages: [{ name: "guard", atMs: 0, tookMs: 0, facts: {} }] })[0]?.width).toBe(0);
  });

  it("leaves out what says nothing, and keeps a zero", () => {
    expect(facts(turn.stages[1] ?? { name: "", atMs: 0, tookMs: 0, facts: {} })).toEqual([
      ["allowed", true],
      ["suspicion", 0],
    ]);
  });
});

describe("where a stage's time is up", () => {
  const stage = (tookMs: number) => ({ name: "recall_and_retrieve", atMs: 100, tookMs, facts: {} });

  it("is drawn where it lies within the turn", () => {
    expect(bars({ ...turn, stages: [stage(900)] })[0]?.deadline).toBe(0.3);
  });

  it("is left out of a turn that was over before, and of a stage that has none", () => {
    expect(bars({ ...turn, stages: [stage(20)] })[0]?.deadline).toBeNull();
    expect(bars(turn)[0]?.deadline).toBeNull();
  });
});

describe("the sum of a turn", () => {
  it("tells the first word from the turn's start, and what it took", () => {
    const facts = { first_content_ms: 120, input_tokens: 900, output_tokens: 80 };
    expect(sumOf({ ...turn, stages: [{ name: "stream", atMs: 50, tookMs: 150, facts }] })).toEqual({
      firstMs: 170,
      inputTokens: 900,
      outputTokens: 80,
    });
  });

  it("claims nothing of a turn that never reached an engine", () => {
    expect(sumOf({ ...turn, stages: [] })).toEqual({
      firstMs: null,
      inputTokens: 0,
      outputTokens: 0,
    });
  });
});

describe("a fact in words", () => {
  it("is short", () => {
    expect(factText(0.8234)).toBe("0.823");
    expect(factText(3)).toBe("3");
    expect(factText(["a", 0.5])).toBe("a · 0.5");
  });

  it("has a unit that fits", () => {
    expect([0, 0.42, 18.3, 1820].map(took)).toEqual(["< 0.1 ms", "0.4 ms", "18 ms", "1.82 s"]);
  });
});

describe("a passage in the journal", () => {
  it("is read with its score and its title, spaces and all", () => {
    expect(readPassages(["chk_1 0.912 退货 政策", "chk_2 -0.100 "])).toEqual([
      { chunkId: "chk_1", score: "0.912", title: "退货 政策" },
      { chunkId: "chk_2", score: "-0.100", title: "chk_2" },
    ]);
  });

  it("is left out when it is not of that form", () => {
    expect(readPassages(["no score here", 3])).toEqual([]);
    expect(readPassages("chk_1 0.9 x")).toEqual([]);
  });
});
