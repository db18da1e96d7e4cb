"""Time as an argument: wall time for records, monotonic time for deadlines."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the time is."""

    def now_ms(self) -> int:
        """Wall time, milliseconds since 1970 UTC; for records only, never for deadlines."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...


class SystemClock:
    """The machine's clock."""

    def __init__(self) -> None:
        self.monotonic = time.monotonic

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000
