"""A bounded cache whose entries grow stale."""

from __future__ import annotations

from typing import Generic, TypeVar

from miaohui.kit.clock import Clock

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """The last `size` things asked for, each for `seconds` at the most."""

    def __init__(self, clock: Clock, *, size: int, seconds: float) -> None:
        self._clock = clock
        self._size = size
        self._seconds = seconds
        self._entries: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """The value, unless it was never put or has grown stale."""
        entry = self._entries.pop(key, None)
        if entry is None or entry[0] <= self._clock.monotonic():
            return None
        self._entries[key] = entry  # a dict keeps the order of insertion: the first is the one unused the longest
        return entry[1]

    def put(self, key: K, value: V, *, seconds: float | None = None) -> None:
        """Keep `value`, for less than usual when `seconds` says so."""
        self._entries.pop(key, None)
        while len(self._entries) >= self._size:
            del self._entries[next(iter(self._entries))]
        lifetime = self._seconds if seconds is None else min(seconds, self._seconds)
        self._entries[key] = (self._clock.monotonic() + lifetime, value)

    def forget(self, key: K) -> None:
        """Drop one."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Drop all."""
        self._entries.clear()
