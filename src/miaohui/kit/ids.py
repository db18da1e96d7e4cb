"""Ids: a prefix that says what it is, then 26 characters of Crockford base 32 (48 bits of time, 80 of chance).

The layout is that of ULID (https://github.com/ulid/spec), so ids of one kind sort by the time they were made.
"""

from __future__ import annotations

import os
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]


def new_id(prefix: str) -> str:
    """`conv_01J…`: unique, unguessable, time-ordered."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return prefix + "_" + "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10)])
