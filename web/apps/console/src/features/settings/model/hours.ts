import type { Hours, Span } from "../api/desk";

/** `09:00-12:00, 13:30-18:00`; nothing for a closed day. */
export function textOf(spans: readonly Span[]): string {
  return spans.map(({ start, end }) => `${clock(start)}-${clock(end)}`).join(", ");
}

/** As one types it; null when it is no such thing, or a span ends before it begins. */
export function spansOf(text: string): Span[] | null {
  const spans: Span[] = [];
  for (const part of text.split(/[,，、;；]/)) {
    if (!part.trim()) continue;
    const [, from, to] = part.match(/^\s*(\d{1,2}[:：]\d{2})\s*[-–—~至到]\s*(\d{1,2}[:：]\d{2})\s*$/) ?? [];
    const [start, end] = [minutes(from), minutes(to)];
    if (start === null || end === null || start >= end) return null;
    spans.push({ start, end });
  }
  return spans;
}

/** Days with hours of their own, one a line: `2026-10-01` is closed, `2026-10-08 10:00-16:00` is not. */
export function holidaysText(holidays: Hours["holidays"]): string {
  return Object.entries(holidays)
    .sort()
    .map(([day, spans]) => `${day} ${textOf(spans)}`.trim())
    .join("\n");
}

export function holidaysOf(text: string): Hours["holidays"] | null {
  const read: Record<string, Span[]> = {};
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const [, day, rest] = line.match(/^\s*(20\d\d-[01]\d-[0-3]\d)(.*)$/) ?? [];
    const spans = spansOf(rest ?? "");
    if (!day || spans === null) return null;
    read[day] = spans;
  }
  return read;
}

/** Nine to six on working days, in the time of who sets it up. */
export function usual(timezone: string): Hours {
  const day = [{ start: 540, end: 1080 }];
  return { timezone, week: [day, day, day, day, day, [], []], holidays: {}, away: {} };
}

function clock(minute: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function minutes(text: string | undefined): number | null {
  const [hour, minute] = (text ?? "").split(/[:：]/).map(Number);
  if (hour === undefined || minute === undefined || !(minute < 60)) return null;
  const whole = hour * 60 + minute;
  return whole <= 1440 ? whole : null;
}
