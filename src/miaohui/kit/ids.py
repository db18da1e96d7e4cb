"""Ids: a prefix that says what it is, then 26 characters of Crockford base 32 (48 bits of time, 80 of chance).

The layout is that of ULID (https://github.com/ulid/spec), so ids of one kind sort by the time they were made.
"""

from __future__ import annotations

import os
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_CHARACTERS = bytes(ord(_ALPHABET[byte & 31]) for byte in range(256))
"""Of each byte, the character of its lower five bits: eight bytes for each character, so chance stays even."""
_TO_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_DRAWN = 4_096
"""Characters of chance that are asked of the system at once."""
_STEPS = 1 << 40


class _Source:
    """Time and chance. Chance is asked of the system by the thousand; a forked child starts with none."""

    def __init__(self) -> None:
        self._chance = ""
        self._at = 0
        self._ms = 0
        self._when = ""
        self._first = ""
        """What is chance in the first id of this millisecond."""
        self._order = -1
        """Of the last one, the upper 40 bits of what comes after the time; not worked out for the first."""
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._chance = ""

    def next(self) -> str:
        """Larger than the one before: within one millisecond the upper 40 bits count, and the lower 40 are chance."""
        at, chance = self._at, self._chance
        drawn = chance[at : at + 16]
        if len(drawn) < 16:
            self._chance = chance = os.urandom(_DRAWN).translate(_CHARACTERS).decode("ascii")
            at, drawn = 0, chance[:16]
        self._at = at + 16
        ms = time.time_ns() // 1_000_000
        if ms > self._ms:
            self._begin(ms)
            self._first, self._order = drawn, -1
            return self._when + drawn
        return self._step(drawn)

    def _begin(self, ms: int) -> None:
        two = _PAIRS
        self._ms = ms
        self._when = (
            f"{two[ms >> 40]}{two[ms >> 30 & 1023]}{two[ms >> 20 & 1023]}{two[ms >> 10 & 1023]}{two[ms & 1023]}"
        )

    def _step(self, drawn: str) -> str:
        order = self._order + 1 if self._order >= 0 else int(self._first[:8].translate(_TO_DIGITS), 32) + 1
        if order >= _STEPS:  # no room left in this millisecond: the next one has begun
            self._begin(self._ms + 1)
            order -= _STEPS
        self._order, two = order, _PAIRS
        steps = f"{two[order >> 30]}{two[order >> 20 & 1023]}{two[order >> 10 & 1023]}{two[order & 1023]}"
        return self._when + steps + drawn[8:]


_source = _Source()


def new_id(prefix: str) -> str:
    """`conv_01J…`: unique, unguessable, in the order in which this process made them."""
    return f"{prefix}_{_source.next()}"
