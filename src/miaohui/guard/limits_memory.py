"""Limits counted in this process."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from miaohui.guard.limits import Bucket, stand
from miaohui.guard.types import Limit
from miaohui.kit.clock import Clock

_LOOKED_AT = 8
"""Old buckets looked at for each new one; so emptied ones go as fast as new ones come."""
_TOLERANCE_S = 1e-9


class LimitsMemory:
    """Bounded: over `most` buckets the oldest go, full ones (which say nothing) before others."""

    def __init__(self, clock: Clock, *, most: int = 200_000) -> None:
        self._clock = clock
        self._most = most
        self._full_at: dict[str, float] = {}

    async def take(self, buckets: Sequence[Bucket]) -> list[Limit]:
        now = self._clock.monotonic()
        full_at = self._full_at
        waits = [max(0.0, full_at.get(bucket.key, 0.0) - now) for bucket in buckets]
        for bucket, wait in zip(buckets, waits, strict=True):
            interval = bucket.window_s / bucket.limit
            if wait + interval > interval * bucket.burst + _TOLERANCE_S:
                return self._refuse(buckets, waits)
        standings: list[Limit] = []
        for bucket, wait in zip(buckets, waits, strict=True):
            later = wait + bucket.window_s / bucket.limit
            if bucket.key not in full_at and len(full_at) >= self._most:
                self._forget(now)
            full_at[bucket.key] = now + later
            standings.append(stand(bucket, later, allowed=True))
        return standings

    async def peek(self, buckets: Sequence[Bucket]) -> list[Limit]:
        now = self._clock.monotonic()
        return self._refuse(buckets, [max(0.0, self._full_at.get(bucket.key, 0.0) - now) for bucket in buckets])

    def _refuse(self, buckets: Sequence[Bucket], waits: Sequence[float]) -> list[Limit]:
        """Standings without a charge; those without room say when to come back."""
        return [
            stand(
                bucket,
                wait,
                allowed=wait + (interval := bucket.window_s / bucket.limit) <= interval * bucket.burst + _TOLERANCE_S,
            )
            for bucket, wait in zip(buckets, waits, strict=True)
        ]

    def _forget(self, now: float) -> None:
        """Make room: those full again among the oldest, or else the very oldest. The rest wait at the end."""
        oldest = list(islice(self._full_at.items(), _LOOKED_AT))
        kept = [(key, full_at) for key, full_at in oldest if full_at > now]
        for key, _ in oldest:
            del self._full_at[key]
        self._full_at.update(kept if len(kept) < len(oldest) else kept[1:])
