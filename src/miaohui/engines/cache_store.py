"""Where finished answers are kept for those who ask the same. One suite holds for every implementation."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer, as the engine gave it; it passes the screen again each time it is told."""

    text: str
    route: str
    """Who gave it."""
    output_tokens: int
    """What it took to say it the first time."""
    knowledge_version: int
    kept_at_ms: int
    question: str = ""
    """As it was asked, for those who look for one that means the same."""


class AnswerStore(Protocol):
    """Finds and keeps. Never fails: what cannot be read was not kept, what cannot be written is not kept."""

    @property
    def name(self) -> str:
        """How the metrics call this level."""
        ...

    async def find(self, key: str) -> Kept | None:
        """The answer kept under this key, unless its time is over."""
        ...

    async def keep(self, key: str, kept: Kept) -> None:
        """From now on it may be found, until its time is over or room is needed."""
        ...
