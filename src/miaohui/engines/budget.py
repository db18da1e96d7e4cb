"""How often and how long a turn may try. Pure: time is an argument."""

from __future__ import annotations

import msgspec


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Of one request over all its attempts; seconds."""

    attempts: int = 3
    """Attempts at providers; the local tier and the last resort come on top."""
    free: int = 2
    """Attempts on top of these that follow a refused key."""
    first_content_s: float = 8.0
    """When no word has come by then, only the last resort is still asked."""
    kept_s: float = 1.5
    """Of this, what is kept for the local tier."""
    total_s: float = 60.0
    """When the answer is not whole by then, only the last resort is still asked."""
    least_s: float = 0.5
    """An attempt at a provider that may take no longer than this to its first word is not made."""
    wait_most_s: float = 2.0
    """The longest that a turn waits for room at a provider."""
    retry_capacity: float = 10.0
    retry_refill: float = 0.1
    """Further attempts that each first attempt earns."""
    sticky: int = 50_000
    """Conversations whose route is remembered."""


class Hedging(msgspec.Struct, frozen=True, kw_only=True):
    """When a second route is asked."""

    enabled: bool = False
    least_s: float = 0.3
    """Not before so long, however quick the route mostly is; else after its 95th percentile."""
    share: float = 0.05
    """Of all turns, at most."""


class RetryBucket:
    """Bounds how many further attempts all turns together make: a provider that is down is not stormed."""

    __slots__ = ("_capacity", "_refill", "tokens")

    def __init__(self, capacity: float = 10.0, refill: float = 0.1) -> None:
        self._capacity = capacity
        self._refill = refill
        self.tokens = capacity

    def earn(self) -> None:
        """A first attempt is made."""
        if self.tokens < self._capacity:
            self.tokens = min(self._capacity, self.tokens + self._refill)

    def spend(self) -> bool:
        """Make a further attempt; False when there were too many."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    @property
    def is_half_full(self) -> bool:
        """There is more than half of it left; hedging asks for that."""
        return self.tokens > self._capacity / 2


class Allowance:
    """What one request may still do."""

    __slots__ = ("_bounds", "_ends_at", "_first_by", "_number", "attempts", "free", "waited_s")

    def __init__(self, bounds: Bounds, now: float) -> None:
        self._bounds = bounds
        self._first_by = now + bounds.first_content_s
        self._ends_at = now + bounds.total_s
        self._number = 0
        self.attempts = 0
        """At providers."""
        self.waited_s = 0.0
        self.free = 0

    def number(self) -> int:
        """Of the attempt that begins, from 1; of any tier."""
        self._number += 1
        return self._number

    def count(self) -> None:
        """A provider is asked."""
        self.attempts += 1

    def forgive(self) -> None:
        """The last attempt failed by a refused key, which costs nothing the first few times."""
        self.free = min(self.free + 1, self._bounds.free)

    def renew(self, now: float) -> None:
        """Words came and were voided: the time for the first word begins anew."""
        self._first_by = min(now + self._bounds.first_content_s, self._ends_at)

    @property
    def has_attempts(self) -> bool:
        """Another provider may be asked."""
        return self.attempts < self._bounds.attempts + self.free

    def first_content_s(self, now: float, most_s: float, *, kept: bool = True) -> float:
        """Seconds that an attempt begun now may take to its first word; `kept` leaves what the local tier needs."""
        left = min(self._first_by, self._ends_at) - now
        return min(most_s, left - self._bounds.kept_s if kept else max(left, self._bounds.kept_s))

    def wait_s(self, now: float) -> float:
        """The longest wait that still makes sense."""
        return min(self._bounds.wait_most_s - self.waited_s, (self._first_by - now) / 2)

    def total_s(self, now: float) -> float:
        """Seconds until the answer must be whole."""
        return max(self._ends_at - now, 0.0)
