"""The port behind which a provider's limits are kept: room is reserved before a request and settled after it.

Requests are counted exactly: never more than `rpm` in any window. Tokens are a bucket that holds a minute's worth and
fills at `tpm / 60` a second; what was reserved and not used goes back.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

WINDOW_S = 60.5
"""A provider's minute, and what its clock may differ from ours while a request travels."""
SECOND_S = 1.05
KEPT_S = 900.0
"""A reservation that is not settled by then is spent."""


class Quota(msgspec.Struct, frozen=True, gc=False):
    """What one key or account may spend."""

    key: str
    rpm: int = 0
    """Requests in any minute; 0 is not limited."""
    tpm: int = 0
    """Tokens a minute; 0 is not limited. A request that is larger than a minute's worth takes all of it."""
    smooth: bool = False
    """A sixtieth of `rpm` is held in each second, too."""

    @property
    def per_second(self) -> int:
        """Requests in any second; 0 is not limited."""
        return -(-self.rpm // 60) if self.smooth else 0


class Room(msgspec.Struct, frozen=True, gc=False):
    """What is left of a quota; None is not limited."""

    requests: int | None
    tokens: int | None


class Limits(Protocol):
    """Counts what is spent. Never raises: what cannot be counted together is counted alone."""

    async def reserve(self, quota: Quota, attempt_id: str, tokens: int) -> float:
        """Take room for one request of so many tokens: 0 when it was taken, else seconds until there may be some."""
        ...

    def settle(self, quota: Quota, attempt_id: str, tokens: int) -> None:
        """So many tokens were used in truth; a second call with the same id changes nothing. Never waits."""
        ...

    async def room(self, quota: Quota) -> Room:
        """What is left now, taking nothing."""
        ...
