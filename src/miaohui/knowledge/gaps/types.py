"""Unanswered questions, and those that ask for the same."""

from __future__ import annotations

import msgspec


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """One question that nothing here answered."""

    id: str
    tenant_id: str
    question: str
    locale: str
    answerability: float
    at_ms: int


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Questions that ask for the same; `id` is that of the oldest of them."""

    id: str
    title: str
    """The question that is nearest to all the others."""
    questions: tuple[str, ...]
    """Different ones, the nearest first."""
    count: int
    """How often they were asked."""
    last_at_ms: int
    locale: str
    members: tuple[str, ...] = ()
    """Ids."""
