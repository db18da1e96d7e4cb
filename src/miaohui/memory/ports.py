"""What this room needs of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from miaohui.memory.types import Exchange, Fact, Said

Lookup: TypeAlias = Callable[[str, int], Sequence[int]]
"""Places of the texts that fit a question, the most fitting first, at most so many."""


class History(Protocol):
    """The record of conversations."""

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[Exchange]:
        """The last answered turns, oldest first; empty for a new conversation."""
        ...


class Words(Protocol):
    """The record of what contacts wrote."""

    async def said(self, tenant_id: str, conversation_id: str) -> list[Said]:
        """By the contact in this conversation, oldest first."""
        ...


class Finder(Protocol):
    """Finds texts that fit a question."""

    def embed(self, text: str) -> bytes:
        """What is kept of a text beside its words, to find it by."""
        ...

    def build(self, texts: Sequence[str]) -> Lookup:
        """Make a few hundred texts ready to be searched."""
        ...


class Nearest(Protocol):
    """A server that compares vectors."""

    async def nearest(self, tenant_id: str, contact_id: str, vector: bytes, most: int) -> list[Fact] | None:
        """A contact's facts near this vector, the nearest first; None where no vectors are known."""
        ...


class LongMemory(Protocol):
    """What is known of contacts beyond one conversation."""

    def at_hand(self, tenant_id: str, contact_id: str, question: str) -> tuple[Fact, ...] | None:
        """What fits the question, when nobody has to be waited for; None when `recall` must be asked."""
        ...

    async def refresh(self) -> None:
        """Learn which contacts something is known of."""
        ...

    async def recall(self, tenant_id: str, contact_id: str, question: str) -> Sequence[Fact]:
        """What fits the question."""
        ...


class Business(Protocol):
    """The company's own systems: orders, parcels, tickets of a contact whose identity was verified."""

    def at_hand(self, tenant_id: str, contact_id: str, question: str) -> tuple[str, ...] | None:
        """Nothing, where nothing is to be asked; None when `recall` must be."""
        ...

    async def recall(self, tenant_id: str, contact_id: str, question: str) -> Sequence[str]:
        """One line for each thing that may matter for the question; empty for nobody known."""
        ...
