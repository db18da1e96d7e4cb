"""A value and where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

import msgspec


class Number(msgspec.Struct, frozen=True):
    """A number as it was written, and its value."""

    start: int
    end: int
    value: Decimal


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as half-width, lower case; every character keeps its place."""
    return "".join(_narrow(character) for character in _GROUPED.sub(",", text))


def _narrow(character: str) -> str:
    if character == "，":
        return character
    if character in _SIGNS:
        return _SIGNS[character]
    if character.isascii():
        return character.lower()
    folded = unicodedata.normalize("NFKC", character).lower() if 0xFF01 <= ord(character) <= 0xFF5E else character
    return folded if len(folded) == 1 else character


def without_overlaps(numbers: Iterable[Number]) -> list[Number]:
    """The longest of those that share a character, in their order."""
    taken: list[Number] = []
    for number in sorted(numbers, key=lambda one: (one.start - one.end, one.start)):
        if all(number.end <= other.start or number.start >= other.end for other in taken):
            taken.append(number)
    return sorted(taken, key=lambda one: one.start)


_GROUPED = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_SIGNS = {
    "－": "-",
    "−": "-",
    "．": ".",
    "／": "/",
    "％": "%",
    "￥": "¥",
    **dict.fromkeys("\u3000\u00a0\u2009\u202f", " "),
}
