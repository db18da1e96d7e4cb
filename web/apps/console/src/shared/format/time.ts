import type { Locale } from "../prefs/prefs";

/** Milliseconds of an RFC 3339 time, 0 for none. */
export function toMs(value: string | null | undefined): number {
  return value ? Date.parse(value) || 0 : 0;
}

/** `0:40`, `12:05`, `3:07:00`: how long, to the second. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Today the time, this year the day, otherwise the date. */
export function stamp(ms: number, nowMs: number, locale: Locale): string {
  const [then, now] = [new Date(ms), new Date(nowMs)];
  if (then.toDateString() === now.toDateString()) return clock(ms, locale);
  const year = then.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return then.toLocaleDateString(locale, { month: "numeric", day: "numeric", ...year });
}

export function clock(ms: number, locale: Locale): string {
  return new Date(ms).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function dayAndTime(ms: number, locale: Locale): string {
  return new Date(ms).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short", hour12: false });
}

export function fullStamp(ms: number, locale: Locale): string {
  return new Date(ms).toLocaleString(locale, { hour12: false });
}
