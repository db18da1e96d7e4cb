import { describe, expect, it } from "vitest";
import {
  faultsOf,
  freeId,
  inOrder,
  kindOf,
  minorOf,
  nothing,
  type Offer,
  offerOf,
  sumText,
  typedOf,
} from "./offers";

const eleven: Offer = {
  id: "double-11",
  name: "双 11 每满 300 减 40",
  priority: 40,
  least_total: 30_000,
  seasons: [{ first: "2026-10-20", last: "2026-11-11" }],
  cuts: [{ amount: 4_000, each: 30_000, tags: ["home"] }],
  skips_reduced: true,
};

describe("an offer in a form", () => {
  it("is of the kind that its cut is", () => {
    expect(kindOf(eleven)).toBe("each");
    expect(kindOf({ ...eleven, cuts: [{ amount: 1_500 }] })).toBe("amount");
    expect(kindOf({ ...eleven, cuts: [{ share: "0.05", amount: 0 }] })).toBe("share");
    expect(kindOf({ ...eleven, cuts: [{ of: "delivery", amount: 800, share: "0" }] })).toBe("delivery");
  });

  it("is of none where only JSON can say it", () => {
    expect(kindOf({ ...eleven, cuts: [] })).toBeNull();
    expect(kindOf({ ...eleven, cuts: [{ amount: 1 }, { amount: 2 }] })).toBeNull();
    expect(kindOf({ ...eleven, cuts: [{ of: "unit", amount: 100 }] })).toBeNull();
    expect(kindOf({ ...eleven, cuts: [{ amount: 1, share: "0.1" }] })).toBeNull();
  });

  it("comes back as it was when nothing is changed", () => {
    const again = offerOf(typedOf(eleven, 2), eleven, 2, "other");
    expect(again).toMatchObject({ ...eleven, cuts: [{ amount: 4_000, each: 30_000, tags: ["home"] }] });
    expect(again.skips_reduced).toBe(true);
  });

  it("takes what is typed", () => {
    const typed = { ...nothing, name: " 会员 9.5 折 ", kind: "share" as const, off: "5", levels: ["gold"] };
    const offer = offerOf(typed, null, 2, "offer-1");
    expect(offer).toMatchObject({ id: "offer-1", name: "会员 9.5 折", levels: ["gold"], least_total: 0 });
    expect(offer.cuts).toEqual([{ of: "order", amount: 0, share: "0.05", each: 0 }]);
    expect(offerOf({ ...typed, off: "100" }, null, 2, "x").cuts[0]?.share).toBe("1");
    expect(offerOf({ ...typed, off: "12.25" }, null, 2, "x").cuts[0]?.share).toBe("0.1225");
  });

  it("forgets what people call a coupon when it is none any more", () => {
    const coupon = { ...nothing, name: "新人券", off: "20", coupon: true, words: ["新人券"] };
    expect(offerOf(coupon, null, 2, "x").words).toEqual(["新人券"]);
    expect(offerOf({ ...coupon, coupon: false }, null, 2, "x").words).toEqual([]);
  });

  it("says what is not right yet", () => {
    const right = { ...nothing, name: "满 199 减 15", least: "199", off: "15" };
    expect(faultsOf(right, 2)).toEqual({});
    expect(faultsOf(nothing, 2)).toEqual({ name: true, off: true });
    expect(faultsOf({ ...right, least: "many", off: "0" }, 2)).toEqual({ least: true, off: true });
    expect(faultsOf({ ...right, kind: "each" }, 2)).toEqual({ each: true });
    expect(faultsOf({ ...right, kind: "share", off: "101" }, 2)).toEqual({ off: true });
    expect(faultsOf({ ...right, coupon: true }, 2)).toEqual({ words: true });
  });

  it("holds for days of one form, the first before the last", () => {
    const of = (first: string, last: string) =>
      faultsOf({ ...nothing, name: "x", off: "1", seasons: [{ first, last }] }, 2).seasons ?? false;
    expect(of("11-01", "11-11")).toBe(false);
    expect(of("2026-11-01", "2026-11-11")).toBe(false);
    expect(of("11-11", "11-01")).toBe(true);
    expect(of("2026-11-01", "11-11")).toBe(true);
    expect(of("13-01", "13-02")).toBe(true);
    expect(of("", "11-11")).toBe(true);
  });
});

describe("sums", () => {
  it("are read and written as people write them", () => {
    expect([minorOf("19.9", 2), minorOf("300", 2), minorOf(" 8 ", 0)]).toEqual([1_990, 30_000, 8]);
    expect([minorOf("19.999", 2), minorOf("-1", 2), minorOf("", 2), minorOf("1e3", 2)]).toEqual(
      Array(4).fill(null),
    );
    expect([sumText(1_990, 2), sumText(30_000, 2), sumText(8, 0), sumText(100, 0)]).toEqual([
      "19.9",
      "300",
      "8",
      "100",
    ]);
  });
});

describe("a list of offers", () => {
  it("is in the order in which they are applied, and has an id for one more", () => {
    const offers = [
      { ...eleven, id: "offer-3", priority: 1 },
      { ...eleven, id: "b", priority: 50 },
    ];
    expect(inOrder(offers).map((one) => one.id)).toEqual(["b", "offer-3"]);
    expect(freeId(offers)).toBe("offer-4");
    expect(freeId([])).toBe("offer-1");
  });
});
