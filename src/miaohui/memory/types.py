"""A thing remembered."""

from __future__ import annotations

from typing import Literal

import msgspec


class Exchange(msgspec.Struct, frozen=True):
    """One earlier turn: what was asked, what was answered."""

    question: str
    answer: str


class Recollection(msgspec.Struct, frozen=True, kw_only=True):
    """What comes to mind for a turn, and which memory was too slow or broken to say."""

    exchanges: tuple[Exchange, ...] = ()
    """Oldest first."""
    missing: tuple[Literal["short_term", "long_term", "business"], ...] = ()
