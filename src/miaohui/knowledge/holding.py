"""From when until when an article holds, as people write it: `2026-11-11`, or with a time and a zone. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

_DAY_CHARACTERS = 10


class NoDate(ValueError):
    """This is not a date; the message says what one looks like."""


def parse_from(text: str) -> int:
    """Milliseconds; 0 for an empty text. A day begins at its midnight, in the zone of this machine. Raises `NoDate`."""
    return _milliseconds(_parse(text)) if text.strip() else 0


def parse_until(text: str) -> int:
    """Milliseconds; 0 for an empty text. A day without a time is meant whole. Raises `NoDate`."""
    if not text.strip():
        return 0
    moment = _parse(text)
    return _milliseconds(moment + timedelta(days=1) if _is_day(text) else moment)


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError as error:
        raise NoDate(f"{text.strip()[:40]} is not a date such as 2026-11-11 or 2026-11-11T18:00+08:00") from error


def _is_day(text: str) -> bool:
    """A table's cell tells a day with its midnight."""
    rest = text.strip()[_DAY_CHARACTERS:]
    return rest in {"", " 00:00:00"}


def _milliseconds(moment: datetime) -> int:
    try:
        return max(1, round(moment.timestamp() * 1000))
    except (OverflowError, OSError, ValueError) as error:
        raise NoDate("a date that far away is none") from error
