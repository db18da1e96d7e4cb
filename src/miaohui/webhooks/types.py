"""Endpoint and delivery."""

from __future__ import annotations

import msgspec


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address outside that a tenant wants told."""

    id: str
    tenant_id: str
    url: str
    events: tuple[str, ...] = ()
    """Which types of events; empty for all."""
    enabled: bool = True
    disabled_reason: str = ""
    created_at_ms: int = 0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one endpoint."""

    id: int
    event_id: str
    """Stays the same over all attempts, so that the receiver can tell a repetition."""
    endpoint_id: str
    url: str
    secret: str
    payload: str
    attempts: int
    """Attempts made before this one."""

    def __repr__(self) -> str:
        return f"Delivery(id={self.id}, event_id={self.event_id!r}, endpoint_id={self.endpoint_id!r})"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the endpoint said; status 0 when it said nothing."""

    status: int = 0
    error: str = ""
    retry_after_s: float = 0.0
