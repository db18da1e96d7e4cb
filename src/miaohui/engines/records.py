"""What the company's own systems say of a visitor who was verified, in words, where no provider finds some. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

_NUMBER = re.compile(r"[A-Za-z]{0,4}\d{6,}")
_MOST = 5


def tell_records(records: Sequence[str], question: str, locale: str) -> str:
    """A list of the records that the question names by number, or else of all; empty when there are none."""
    things = [values for record in records if (values := list(_values_of(record)))]
    numbers = set(_NUMBER.findall(question))
    named = [values for values in things if numbers & set(values)]
    if not things or (numbers and not named):
        return ""
    lead = "您的记录里查到：" if locale.startswith("zh") else "This is what your records say:"
    return "\n".join([lead, *(f"- {' · '.join(values)}" for values in (named or things)[:_MOST])])


def _values_of(record: str) -> Iterator[str]:
    """What stands in a record, `name: {…}`, without the names of its fields; nothing of what was cut off."""
    try:
        thing = msgspec.json.decode(record.partition(": ")[2])
    except msgspec.DecodeError:
        return
    for value in thing.values() if isinstance(thing, dict) else ():
        if text := _say(value):
            yield text


def _say(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(filter(None, map(_say, value)))
    if isinstance(value, dict):
        return " ".join(filter(None, map(_say, value.values())))
    return "" if value is None or isinstance(value, bool) else str(value)
