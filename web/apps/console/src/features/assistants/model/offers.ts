/** Offers of a price list, as a form has them. What a form does not know of an offer stays as it was. */

export interface Span {
  readonly first: string;
  readonly last: string;
}

export interface Cut {
  readonly of?: "order" | "unit" | "delivery";
  readonly amount?: number;
  readonly share?: string;
  readonly each?: number;
  readonly [more: string]: unknown;
}

export interface Offer {
  readonly id: string;
  readonly name: string;
  readonly cuts: readonly Cut[];
  readonly priority?: number;
  readonly exclusive?: boolean;
  readonly coupon?: boolean;
  readonly words?: readonly string[];
  readonly least_total?: number;
  readonly levels?: readonly string[];
  readonly seasons?: readonly Span[];
  readonly pauses?: readonly Span[];
  readonly [more: string]: unknown;
}

export interface PriceList {
  readonly currency: string;
  readonly decimals: number;
  readonly coupons: number;
  readonly offers: readonly Offer[];
  readonly levels: readonly { readonly id: string; readonly label?: string }[];
  readonly [more: string]: unknown;
}

/** 满减 · 每满减 · 折扣 · 减运费. */
export const kinds = ["amount", "each", "share", "delivery"] as const;
export type Kind = (typeof kinds)[number];

/** An offer while it is typed: sums as people write them. */
export interface Typed {
  readonly name: string;
  readonly kind: Kind;
  readonly least: string;
  /** What is taken off, in the currency; of a discount the percent that is left out. */
  readonly off: string;
  readonly each: string;
  readonly coupon: boolean;
  readonly words: readonly string[];
  readonly levels: readonly string[];
  readonly exclusive: boolean;
  readonly priority: number;
  readonly seasons: readonly Span[];
  readonly pauses: readonly Span[];
}

export const nothing: Typed = {
  name: "",
  kind: "amount",
  least: "",
  off: "",
  each: "",
  coupon: false,
  words: [],
  levels: [],
  exclusive: false,
  priority: 40,
  seasons: [],
  pauses: [],
};

/** Which kind it is; null for what only JSON can say, such as several cuts at once. */
export function kindOf(offer: Offer): Kind | null {
  const [cut, ...more] = offer.cuts;
  if (!cut || more.length > 0) return null;
  const discounted = Number(cut.share ?? "0") > 0;
  if (discounted && (cut.amount ?? 0) > 0) return null;
  if (discounted) return cut.of === "delivery" ? null : "share";
  if (cut.of === "delivery") return cut.each ? null : "delivery";
  if (cut.of === "unit") return null;
  return cut.each ? "each" : "amount";
}

export function typedOf(offer: Offer, decimals: number): Typed {
  const [cut] = offer.cuts;
  const kind = kindOf(offer) ?? "amount";
  return {
    name: offer.name,
    kind,
    least: offer.least_total ? sumText(offer.least_total, decimals) : "",
    off: kind === "share" ? percentText(cut?.share ?? "0") : sumText(cut?.amount ?? 0, decimals),
    each: cut?.each ? sumText(cut.each, decimals) : "",
    coupon: offer.coupon ?? false,
    words: offer.words ?? [],
    levels: offer.levels ?? [],
    exclusive: offer.exclusive ?? false,
    priority: offer.priority ?? 0,
    seasons: offer.seasons ?? [],
    pauses: offer.pauses ?? [],
  };
}

export type Faults = Partial<
  Record<"name" | "least" | "off" | "each" | "words" | "seasons" | "pauses", true>
>;

const day = /^(?:\d{4}-)?(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/** What is not right yet. */
export function faultsOf(typed: Typed, decimals: number): Faults {
  const faults: Faults = {};
  if (!typed.name.trim()) faults.name = true;
  if (typed.least.trim() && minorOf(typed.least, decimals) === null) faults.least = true;
  const off = typed.kind === "share" ? shareOf(typed.off) : minorOf(typed.off, decimals);
  if (!off) faults.off = true;
  if (typed.kind === "each" && !minorOf(typed.each, decimals)) faults.each = true;
  if (typed.coupon && typed.words.length === 0) faults.words = true;
  if (!typed.seasons.every(isSpan)) faults.seasons = true;
  if (!typed.pauses.every(isSpan)) faults.pauses = true;
  return faults;
}

/** Days of one form, the first before the last: both with a year, or both of every year. */
function isSpan({ first, last }: Span): boolean {
  return day.test(first) && day.test(last) && first.length === last.length && first <= last;
}

/** The offer that was meant; of the one before, all that the form does not know stays. */
export function offerOf(typed: Typed, before: Offer | null, decimals: number, id: string): Offer {
  const { kind, coupon, words, levels, exclusive, priority, seasons, pauses } = typed;
  const off = kind === "share" ? 0 : (minorOf(typed.off, decimals) ?? 0);
  const cut: Cut = {
    ...before?.cuts[0],
    of: kind === "delivery" ? "delivery" : "order",
    amount: off,
    share: kind === "share" ? (shareOf(typed.off) ?? "0") : "0",
    each: kind === "each" ? (minorOf(typed.each, decimals) ?? 0) : 0,
  };
  return {
    ...before,
    id: before?.id ?? id,
    name: typed.name.trim(),
    cuts: [cut],
    least_total: typed.least.trim() ? (minorOf(typed.least, decimals) ?? 0) : 0,
    coupon,
    words: coupon ? words : [],
    levels,
    exclusive,
    priority,
    seasons,
    pauses,
  };
}

/** An id that no other offer has. */
export function freeId(offers: readonly Offer[]): string {
  const taken = new Set(offers.map((one) => one.id));
  let n = offers.length + 1;
  while (taken.has(`offer-${n}`)) n += 1;
  return `offer-${n}`;
}

/** In the order in which they are applied. */
export const inOrder = (offers: readonly Offer[]): readonly Offer[] =>
  [...offers].sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0));

/** `19.9` in minor units; null where it is no sum of that currency. */
export function minorOf(text: string, decimals: number): number | null {
  const found = /^(\d{1,9})(?:\.(\d+))?$/.exec(text.trim());
  if (!found) return null;
  const part = found[2] ?? "";
  if (part.length > decimals) return null;
  return Number(`${found[1]}${part.padEnd(decimals, "0")}`);
}

export function sumText(minor: number, decimals: number): string {
  const text = (minor / 10 ** decimals).toFixed(decimals);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Percent off as the list has it, `5` as `0.05`; null where it is none. */
function shareOf(text: string): string | null {
  const percent = minorOf(text, 2);
  if (percent === null || percent <= 0 || percent > 10_000) return null;
  return percent === 10_000 ? "1" : `0.${String(percent).padStart(4, "0").replace(/0+$/, "")}`;
}

const percentText = (share: string): string => sumText(Math.round(Number(share) * 10_000), 2);
