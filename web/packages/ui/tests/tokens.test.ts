import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contrast } from "../src/contrast";

const css = readFileSync(new URL("../src/tokens.css", import.meta.url), "utf8");
const value = (name: string): string => {
  const found = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(css);
  if (!found?.[1]) throw new Error(`no token --${name}`);
  return found[1];
};

describe.each(["light", "dark"])("the %s theme", (theme) => {
  const of = (name: string): string => value(`${name}-${theme}`);

  it.each(["ink", "ink-2", "jade", "blue", "amber", "red"])("reads %s on paper and on canvas", (text) => {
    expect(contrast(of(text), of("paper"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of(text), of("canvas"))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["jade", "blue", "amber", "red"])("reads %s and ink on its weak ground", (tone) => {
    expect(contrast(of(tone), of(`${tone}-weak`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("ink"), of(`${tone}-weak`))).toBeGreaterThanOrEqual(4.5);
  });

  it("reads words on jade", () => {
    const onJade = theme === "light" ? value("white") : value("canvas-dark");
    expect(contrast(onJade, of("jade"))).toBeGreaterThanOrEqual(4.5);
  });
});

describe("contrast", () => {
  it("is 21 between black and white and 1 between equals", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#0b7a5b", "#0b7a5b")).toBe(1);
  });

  it("knows a pair that fails", () => {
    expect(contrast("#1677ff", "#ffffff")).toBeLessThan(4.5);
  });

  it("gives the same colours to whoever asks for dark and to a system that is dark", () => {
    const blocks = css.split("color-scheme: dark;").slice(1);
    const names = blocks.map((block) => (block.split("}")[0] ?? "").match(/--[\w-]+: [^;]+;/g));
    expect(names).toHaveLength(2);
    expect(names[0]).toEqual(names[1]);
  });
});
