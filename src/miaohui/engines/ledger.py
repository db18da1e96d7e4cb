"""One entry for every attempt: what was asked of whom, how it ended, what it cost."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, TypeAlias, get_args

import msgspec

Outcome: TypeAlias = Literal["winner", "failed", "hedge_loser", "abandoned"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class AttemptEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One attempt; `id` is unique, and writing it twice writes it once."""

    id: str
    tenant_id: str
    turn_id: str
    conversation_id: str
    number: int
    """Of the turn, from 1."""
    route: str
    provider: str
    model: str
    key_id: str
    outcome: Outcome
    failure: str
    """Class of the failure; empty without one."""
    code: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    source: Literal["reported", "estimated"]
    price_version: str
    cost_micro: int
    """Millionths of a currency unit."""
    first_content_ms: int
    """-1: no word came."""
    took_ms: int
    started_at_ms: int


class Ledger(Protocol):
    """Where entries go."""

    def add(self, entry: AttemptEntry) -> None:
        """Keep an entry. Never waits, never raises."""
        ...


class NoLedger:
    """Keeps nothing."""

    def add(self, entry: AttemptEntry) -> None:
        del entry


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Attempts of one tenant at one route that ended one way."""

    route: str
    outcome: str
    attempts: int
    input_tokens: int
    output_tokens: int
    cost_micro: int


class DayTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Attempts of one tenant on one day, at one route, that ended one way, at one price."""

    day: str
    """`2026-11-21`, in UTC."""
    route: str
    outcome: str
    price_version: str
    attempts: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_micro: int


class NodeSum(NamedTuple):
    """What one company's attempts came to that began on one day, altogether, on one node."""

    tenant_id: str
    day: int
    """Days since 1970-01-01, UTC."""
    node: str
    cost_micro: int
