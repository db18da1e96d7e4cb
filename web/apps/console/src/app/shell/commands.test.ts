import { describe, expect, it } from "vitest";
import { type Command, find } from "./commands";

const command = (name: string, about = ""): Command => ({ id: name, name, about, words: "", run: () => {} });
const names = (list: readonly Command[]) => list.map((one) => one.name);

describe("the palette", () => {
  const all = [command("设置"), command("李女士", "退货运费"), command("王先生", "李宁跑鞋")];

  it("finds by what was said, too", () => {
    expect(names(find(all, "运费"))).toEqual(["李女士"]);
  });

  it("puts a name that begins so before words that only hold it", () => {
    expect(names(find([...all].reverse(), "李"))).toEqual(["李女士", "王先生"]);
  });

  it("wants every part", () => {
    expect(names(find(all, "李 跑鞋"))).toEqual(["王先生"]);
    expect(names(find(all, "李 发票"))).toEqual([]);
  });

  it("shows everything for nothing, within bounds", () => {
    expect(
      find(
        Array.from({ length: 90 }, (_, n) => command(`${n}`)),
        "",
      ),
    ).toHaveLength(12);
  });
});
