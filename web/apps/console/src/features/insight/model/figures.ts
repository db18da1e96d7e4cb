import type { Word } from "../../../shared/i18n/i18n";
import type { Locale } from "../../../shared/prefs/prefs";
import type { Figures, OverTime } from "../api/insight";

/** What a chart counts, and in what. */
export type Unit = "count" | "share" | "seconds" | "money" | "score";

export interface Measure {
  readonly name:
    | "volume"
    | "automation"
    | "first_response"
    | "resolution"
    | "csat"
    | "score"
    | "content"
    | "reopened"
    | "cost";
  readonly unit: Unit;
  readonly of: (figures: Figures) => number | null;
}

export const measures: readonly Measure[] = [
  { name: "volume", unit: "count", of: (one) => one.conversations },
  { name: "automation", unit: "share", of: (one) => one.automation },
  { name: "first_response", unit: "seconds", of: (one) => one.first_response_s },
  { name: "resolution", unit: "seconds", of: (one) => one.resolution_s },
  { name: "csat", unit: "share", of: (one) => one.csat },
  { name: "score", unit: "score", of: (one) => one.score },
  { name: "content", unit: "share", of: (one) => one.content },
  {
    name: "reopened",
    unit: "count",
    of: (one) => (one.conversations + one.resolved > 0 ? one.reopened : null),
  },
  // The built-in engine costs nothing: nothing is not a price.
  { name: "cost", unit: "money", of: (one) => one.cost_per_conversation_micro || null },
];

/** A figure as it is said: 1.2万 in Chinese, 68%, 1:20, ¥0.0123; a dash for none. */
export function said(value: number | null, unit: Unit, locale: Locale): string {
  if (value === null) return "—";
  if (unit === "score") return value.toFixed(1);
  if (unit === "share") return `${Math.round(value * 100)}%`;
  if (unit === "seconds") return secondsOf(value, locale);
  if (unit === "money") return `¥${(value / 1_000_000).toFixed(value > 0 && value < 1_000_000 ? 4 : 2)}`;
  return countOf(value, locale);
}

function countOf(value: number, locale: Locale): string {
  if (locale !== "zh-CN" || value < 10_000) return value.toLocaleString(locale);
  const tens = value / 10_000;
  return `${tens.toLocaleString(locale, { maximumFractionDigits: tens < 100 ? 1 : 0 })}万`;
}

function secondsOf(value: number, locale: Locale): string {
  const [s, m, h] = locale === "zh-CN" ? ["秒", "分", "小时"] : [" s", " min", " h"];
  if (value < 100) return `${Math.round(value)}${s}`;
  if (value < 100 * 60) return `${Math.round(value / 60)}${m}`;
  return `${Math.round(value / 3600)}${h}`;
}

/** How a total compares to the one before it. */
export function changeOf(now: number | null, before: number | null): { word: Word; percent: number } | null {
  if (now === null || before === null) return null;
  if (before === 0) return now === 0 ? { word: "insight.same", percent: 0 } : null;
  const percent = Math.round(((now - before) / before) * 100);
  if (percent === 0) return { word: "insight.same", percent };
  return { word: percent > 0 ? "insight.more" : "insight.less", percent: Math.abs(percent) };
}

/** The values of a measure step by step; the stretch before is laid beside it, first to first. */
export function lines(measure: Measure, now: OverTime, before: OverTime | undefined): (number | null)[][] {
  const values = (data: OverTime | undefined) => data?.steps.map((one) => measure.of(one.figures)) ?? [];
  return [values(now), values(before).slice(0, now.steps.length)];
}

/** Why conversations came to people, the most frequent first. */
export function reasons(figures: Figures): readonly (readonly [string, number])[] {
  return Object.entries(figures.handoff_reasons).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
