"""Answers kept in this process: the least recently used goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import msgspec

from miaohui.engines.cache_store import Kept
from miaohui.kit.clock import Clock

_OVERHEAD_BYTES = 512
"""Of an entry beside its text: the key, the fields, the place in the table."""


class MemoryBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much is kept, and how long."""

    entries: int = 1_024
    total_bytes: int = 32 * 1_048_576
    keep_s: float = 300.0


class _Entry(NamedTuple):
    kept: Kept
    size: int
    until: float


class CacheMemory:
    """See `engines.cache_store.AnswerStore`."""

    name = "memory"

    def __init__(self, clock: Clock, bounds: MemoryBounds | None = None) -> None:
        self._clock = clock
        self._bounds = bounds or MemoryBounds()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self.bytes = 0
        """Held now."""

    def __len__(self) -> int:
        return len(self._entries)

    async def find(self, key: str) -> Kept | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock.monotonic() >= entry.until:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.kept

    async def keep(self, key: str, kept: Kept) -> None:
        size = _size_of(kept)
        if size > self._bounds.total_bytes:
            return
        self._drop(key)
        self._entries[key] = _Entry(kept, size, self._clock.monotonic() + self._bounds.keep_s)
        self.bytes += size
        while len(self._entries) > self._bounds.entries or self.bytes > self._bounds.total_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size


def _size_of(kept: Kept) -> int:
    """What it takes at most: Python keeps a Chinese text at two bytes a character, one with an emoji at four."""
    width = 1 if kept.text.isascii() else 2 if max(kept.text, default="") < "\U00010000" else 4
    return _OVERHEAD_BYTES + width * len(kept.text) + 2 * len(kept.question)
