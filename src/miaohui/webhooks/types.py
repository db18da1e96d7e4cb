"""Endpoint, delivery, and what came of an attempt."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

EventName: TypeAlias = Literal[
    "conversation.created",
    "conversation.updated",
    "conversation.resolved",
    "conversation.taken_over",
    "handoff.requested",
    "message.created",
    "note.created",
    "rating.created",
    "ticket.created",
    "ticket.updated",
    "webhook.test",
]
"""Every type of event. A note is no message: nobody shows it to a visitor by mistake."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a tenant wants told where."""

    url: str
    events: tuple[str, ...] = ()
    """Which types; empty for all."""
    description: str = ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address outside that a tenant wants told."""

    id: str
    tenant_id: str
    url: str
    events: tuple[str, ...] = ()
    """Which types of events; empty for all."""
    description: str = ""
    enabled: bool = True
    disabled_reason: str = ""
    """`gone` (it answered 410), `failing` (an event was given up), `backlog` (too much waits), or empty."""
    failing_since_ms: int = 0
    """Since when every attempt failed; 0 while they succeed."""
    rotated_until_ms: int = 0
    """Until then each event is signed with the secret before as well."""
    created_at_ms: int = 0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one endpoint."""

    id: int
    event_id: str
    """Stays the same over all attempts, so that the receiver can tell a repetition."""
    tenant_id: str = ""
    endpoint_id: str
    type: str = ""
    url: str
    secrets: tuple[str, ...]
    """What it is signed with: one, or for a while two."""
    payload: str
    attempts: int
    """Attempts made before this one."""
    created_at_ms: int = 0

    def __repr__(self) -> str:
        return f"Delivery(id={self.id}, event_id={self.event_id!r}, endpoint_id={self.endpoint_id!r})"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the endpoint said; status 0 when it said nothing."""

    status: int = 0
    error: str = ""
    retry_after_s: float = 0.0


class Settling(msgspec.Struct, frozen=True, kw_only=True):
    """What is written down after an attempt."""

    state: Literal["pending", "sent", "dead"]
    outcome: Literal["sent", "again", "dead", "gone"]
    answer: Answer
    due_at_ms: int
    took_ms: int
    now_ms: int


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the delivery log."""

    id: str
    event_id: str
    type: str
    attempt: int
    """1 for the first."""
    outcome: str
    """`sent`, `again` (to be tried again), `dead` (given up), `gone`, or `test`."""
    status: int
    """HTTP status; 0 when there was no answer."""
    error: str
    took_ms: int
    at_ms: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How much an endpoint is owed."""

    waiting: int = 0
    dead: int = 0
    """Given up, to be replayed."""
