"""The port every engine stands behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from miaohui.engines.types import EngineRequest, Piece


class Engine(Protocol):
    """One way to get an answer. Wrappers (fallback, meter) are engines too.

    A stream is: `Started`, then `Text`s, then one `Finished`; a wrapper may put `Restarted`, `Started` in between.
    Raises `EngineFailed` (see `errors.py`) when no whole answer can be had. Closing the iterator closes the upstream.
    """

    @property
    def name(self) -> str:
        """The route's name, as the journal shows it."""
        ...

    def stream(self, request: EngineRequest) -> AsyncIterator[Piece]:
        """Begin an attempt."""
        ...

    async def close(self) -> None:
        """Close idle connections."""
        ...
