"""Business hours: when people are there, in the place's own time zone, holidays and clock changes included. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from miaohui.kit.errors import FieldError, Invalid

DAY_MINUTES = 24 * 60
MOST_SPANS = 8
MOST_HOLIDAYS = 400
HORIZON_DAYS = 400
"""How far ahead an opening is looked for."""


class Span(msgspec.Struct, frozen=True, array_like=True):
    """Part of a day, in minutes after its midnight; `end` is not in it and may be 1440."""

    start: int
    end: int


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """When an inbox is attended. An inbox without hours is attended always."""

    timezone: str = "Asia/Shanghai"
    """An IANA name."""
    week: tuple[tuple[Span, ...], ...]
    """Seven days, Monday first."""
    holidays: dict[str, tuple[Span, ...]] = {}
    """Days (`2026-10-01`) with hours of their own; none are a closed day."""
    away: dict[str, str] = {}
    """What a visitor is told outside the hours, by locale; ours when empty."""


def check_hours(hours: Hours) -> None:
    """Raises `Invalid` on an unknown zone, a wrong date, spans that overlap or go backwards, or no hours at all."""
    _check(_is_zone(hours.timezone), "timezone", "an IANA time zone, such as Asia/Shanghai")
    _check(len(hours.week) == 7 and any(hours.week), "week", "seven days, Monday first, not all of them closed")
    _check(len(hours.holidays) <= MOST_HOLIDAYS, "holidays", f"at most {MOST_HOLIDAYS}")
    for day in (*hours.week, *hours.holidays.values()):
        ends = [minute for span in day for minute in (span.start, span.end)]
        in_order = all(before < after for before, after in zip(ends[::2], ends[1::2], strict=True))
        apart = all(before <= after for before, after in zip(ends[1::2], ends[2::2], strict=False))
        bounded = len(day) <= MOST_SPANS and all(0 <= minute <= DAY_MINUTES for minute in ends)
        _check(in_order and apart and bounded, "week", "spans in order, inside the day, that do not overlap")
    for text in hours.holidays:
        _check(_is_date(text), "holidays", "days as 2026-10-01")


def is_open(hours: Hours | None, at_ms: int) -> bool:
    """Whether somebody is there."""
    if hours is None:
        return True
    start_ms, _ = next(_openings(hours, at_ms), (at_ms + 1, 0))
    return start_ms <= at_ms


def next_opening(hours: Hours | None, at_ms: int) -> int | None:
    """When somebody is there next: `at_ms` itself while it is open; None when that is more than a year away."""
    if hours is None:
        return at_ms
    opening = next(_openings(hours, at_ms), None)
    return None if opening is None else max(at_ms, opening[0])


def open_ms_between(hours: Hours | None, from_ms: int, to_ms: int) -> int:
    """How much of a stretch lies inside the hours."""
    if hours is None:
        return max(0, to_ms - from_ms)
    total = 0
    for start_ms, end_ms in _openings(hours, from_ms):
        if start_ms >= to_ms:
            break
        total += min(end_ms, to_ms) - max(start_ms, from_ms)
    return total


def after_open_ms(hours: Hours | None, from_ms: int, open_ms: int) -> int:
    """The moment by which so much time inside the hours has passed. A place that does not open again counts all."""
    if hours is None:
        return from_ms + open_ms
    left = open_ms
    for start_ms, end_ms in _openings(hours, from_ms):
        begin = max(start_ms, from_ms)
        if end_ms - begin >= left:
            return begin + left
        left -= end_ms - begin
    return from_ms + open_ms


def _openings(hours: Hours, from_ms: int) -> Iterator[tuple[int, int]]:
    """Stretches that end after `from_ms`, in order, as far as the horizon."""
    zone = _zone(hours.timezone)
    today = datetime.fromtimestamp(from_ms / 1000, UTC).astimezone(zone).date()
    for offset in range(HORIZON_DAYS):
        day = today + timedelta(days=offset)
        for span in hours.holidays.get(day.isoformat(), hours.week[day.weekday()]):
            start_ms, end_ms = _at(zone, day, span.start), _at(zone, day, span.end)
            if end_ms > from_ms and end_ms > start_ms:
                yield start_ms, end_ms


def _at(zone: ZoneInfo, day: date, minute: int) -> int:
    """The moment of a wall clock's time. One that a clock change leaves out is the moment of the change or after."""
    days, minutes = divmod(minute, DAY_MINUTES)
    local = datetime.combine(day, datetime.min.time(), zone) + timedelta(days=days, minutes=minutes)
    return int(local.timestamp() * 1000)


def _check(holds: bool, field: str, wanted: str) -> None:
    if not holds:
        raise Invalid("The business hours are not in form.", errors=[FieldError(f"$.{field}", wanted)])


def _is_zone(name: str) -> bool:
    try:
        _zone(name)
    except (ValueError, OSError):
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except KeyError:
        raise ValueError(name) from None
