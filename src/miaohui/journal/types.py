"""Entries of the journal and of the audit."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Fact: TypeAlias = str | int | float | bool | list[str | int | float]


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a turn and why it came out as it did."""

    name: str
    at_ms: float
    """From the start of the turn."""
    took_ms: float
    facts: dict[str, Fact] = {}


class TurnEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in one turn."""

    turn_id: str
    tenant_id: str
    conversation_id: str
    started_at_ms: int
    ended_at_ms: int
    outcome: str
    """`answered`, `handed_off`, `refused`, `failed`, `cancelled`, `superseded`."""
    reason: str = ""
    route: str = ""
    """The engine's route that wrote the answer."""
    stages: tuple[Stage, ...] = ()


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One administrative act."""

    id: str
    tenant_id: str
    at_ms: int
    actor: str
    """`Principal.key` of who did it."""
    actor_name: str
    act: str
    """`<noun>.<past>`: `key.revoked`."""
    subject: str
    """Id of what it was done to."""
    detail: dict[str, Fact] = {}
