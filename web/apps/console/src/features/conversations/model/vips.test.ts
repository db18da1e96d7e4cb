import { describe, expect, it } from "vitest";
import { filterOf, savedOf } from "./views";
import { hear, isVip, vips } from "./vips";

describe("who is served sooner", () => {
  it("is whoever has the attribute with any value but a no", () => {
    expect(["yes", "gold", "1"].map((vip) => isVip({ vip }))).toEqual([true, true, true]);
    expect([{}, { vip: "" }, { vip: "No" }, { vip: "0" }, { vip: "false" }].map(isVip)).toEqual(
      Array(5).fill(false),
    );
  });

  it("is the same set while the same are in it", () => {
    hear(["a", "b"]);
    const before = vips.get();
    hear(["b", "a"]);
    expect(vips.get()).toBe(before);
    hear(["a"]);
    expect([...vips.get()]).toEqual(["a"]);
  });

  it("is kept in a view with a name, and is none where it was not asked for", () => {
    expect(filterOf(savedOf({ view: "open", vip: "yes" }, "dear")).vip).toBe("yes");
    expect(filterOf(savedOf({ view: "open" }, "all")).vip).toBeUndefined();
  });
});
