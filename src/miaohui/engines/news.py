"""What the nodes tell one another of their routes: who is resting, and whose turn it is to try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec


class RouteNews(msgspec.Struct, frozen=True, kw_only=True):
    """A breaker's change on some node."""

    route: str
    """`Line.identity`."""
    phase: Literal["open", "ramp"]
    rests_s: float = 0.0
    """What is left of an open breaker's rest."""
    openings: int = 0
    """How often it had opened of late, on which the length of the next rest depends."""
    version: int = 0
    """Larger is newer."""


class News(Protocol):
    """Never keeps a turn waiting for long, and never fails: a node without news goes by what it sees itself."""

    def tell(self, news: RouteNews) -> None:
        """A breaker changed here."""
        ...

    async def look(self, routes: Sequence[str]) -> Sequence[RouteNews]:
        """The last change of each of these routes on any node, this one too."""
        ...

    async def lease(self, route: str, seconds: float) -> bool:
        """Whether this node may send the one probe."""
        ...


class NoNews:
    """A node by itself."""

    def tell(self, news: RouteNews) -> None:
        pass

    async def look(self, routes: Sequence[str]) -> Sequence[RouteNews]:
        return ()

    async def lease(self, route: str, seconds: float) -> bool:
        return True
