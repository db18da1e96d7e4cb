"""Ids: a prefix that says what it is, then 26 characters of Crockford base 32 (48 bits of time, 80 of chance).

The layout is that of ULID (https://github.com/ulid/spec), so ids of one kind sort by the time they were made.
"""

from __future__ import annotations

import os
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_FORTY_BITS, _THIRTY_BITS = (1 << 40) - 1, (1 << 30) - 1


class _Source:
    """Time and chance. Random bytes are asked of the system by the thousand; a forked child starts with none."""

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0
        self._ms = 0
        self._last = 0
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._bytes, self._at = b"", 0

    def next(self) -> int:
        """Larger than the one before: within one millisecond by a random step of 40 bits."""
        ms, drawn = time.time_ns() // 1_000_000, self._draw()
        if ms > self._ms:
            self._ms, self._last = ms, ms << 80 | drawn >> 1
        else:
            self._last += (drawn >> 40) + 1
        return self._last

    def _draw(self) -> int:
        """Eighty bits, never the same ones again."""
        drawn, self._at = self._bytes[self._at : self._at + 10], self._at + 10
        if len(drawn) < 10:
            self._bytes, self._at = os.urandom(4_000), 10
            drawn = self._bytes[:10]
        return int.from_bytes(drawn, "big")


_source = _Source()


def new_id(prefix: str) -> str:
    """`conv_01J…`: unique, unguessable, in the order in which this process made them."""
    value = _source.next()
    # In three parts, each of one machine word: every message makes some ids, and long integers are slow to shift.
    a, b, c, two = value >> 70, value >> 30 & _FORTY_BITS, value & _THIRTY_BITS, _PAIRS
    return (
        f"{prefix}_{two[a >> 50]}{two[a >> 40 & 1023]}{two[a >> 30 & 1023]}{two[a >> 20 & 1023]}{two[a >> 10 & 1023]}"
        f"{two[a & 1023]}{two[b >> 30]}{two[b >> 20 & 1023]}{two[b >> 10 & 1023]}{two[b & 1023]}{two[c >> 20]}"
        f"{two[c >> 10 & 1023]}{two[c & 1023]}"
    )
