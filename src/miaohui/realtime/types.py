"""Where a watcher stands."""

from __future__ import annotations

import msgspec


class StreamPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A token stream as far as a client has it: `i` deltas of one attempt."""

    id: str
    attempt: int = 1
    i: int = 0
