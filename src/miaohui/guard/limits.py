"""The port behind which limits are counted: the generic cell rate algorithm, one number per bucket.

A bucket stores the moment at which it would be full again (the theoretical arrival time of ITU-T I.371, annex A). It
lets `burst` through at once and then one every `window_s / limit` seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from miaohui.guard.types import Limit


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """One limit of one principal."""

    name: str
    """Which limit this is, as shown to the caller."""
    key: str
    limit: int
    """Messages per window."""
    burst: int
    """How many may come at once."""
    window_s: int = 60


class Limits(Protocol):
    """Counts messages against buckets; no bucket is charged unless all of them let the message through."""

    async def take(self, buckets: Sequence[Bucket]) -> list[Limit]:
        """Charge one message; where each bucket stands, in the same order."""
        ...

    async def peek(self, buckets: Sequence[Bucket]) -> list[Limit]:
        """Where each bucket stands, charging nothing."""
        ...


def stand(bucket: Bucket, full_in_s: float, *, allowed: bool) -> Limit:
    """A bucket's standing, `full_in_s` seconds before it is full again."""
    interval = bucket.window_s / bucket.limit
    room = interval * bucket.burst - full_in_s
    return Limit(
        allowed=allowed,
        limit=bucket.limit,
        remaining=max(0, int(room / interval + 1e-6)),
        window_s=bucket.window_s,
        retry_after_s=0.0 if allowed else max(0.0, interval - room),
        name=bucket.name,
    )
