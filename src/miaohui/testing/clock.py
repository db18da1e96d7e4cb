"""A clock that only moves when told."""

from __future__ import annotations


class FakeClock:
    """Stands in for `kit.clock.SystemClock`."""

    def __init__(self, now_ms: int = 1_750_000_000_000) -> None:
        self._now_ms = now_ms
        self._monotonic = 1_000.0

    def now_ms(self) -> int:
        """Wall time, milliseconds."""
        return self._now_ms

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_ms += round(seconds * 1000)
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock, as NTP does; monotonic time does not notice."""
        self._now_ms += round(seconds * 1000)
