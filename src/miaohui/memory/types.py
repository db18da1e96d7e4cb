"""A thing remembered."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

MemoryName: TypeAlias = Literal["short_term", "long_term", "business"]
FactState: TypeAlias = Literal["proposed", "confirmed", "forgotten"]


class Exchange(msgspec.Struct, frozen=True):
    """One earlier turn: what was asked, what was answered."""

    question: str
    answer: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a contact once said of themselves."""

    id: str
    tenant_id: str
    contact_id: str
    text: str
    """In their own words."""
    state: FactState = "proposed"
    """`forgotten` is kept without its words, so that it is not learned again from the same conversation."""
    conversation_id: str = ""
    """Where it was said."""
    said_at_ms: int = 0


class Said(msgspec.Struct, frozen=True):
    """What a contact wrote in one message."""

    text: str
    at_ms: int


class Recollection(msgspec.Struct, frozen=True, kw_only=True):
    """What comes to mind for a turn, and which memory was too slow or broken to say."""

    exchanges: tuple[Exchange, ...] = ()
    """Oldest first."""
    facts: tuple[Fact, ...] = ()
    """From earlier conversations, the most fitting first."""
    business: tuple[str, ...] = ()
    """What the company's own systems say of this contact, one line each."""
    missing: tuple[MemoryName, ...] = ()
