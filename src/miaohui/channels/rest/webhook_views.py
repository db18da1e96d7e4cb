"""What REST answers with about webhooks. Encoded by msgspec, as `views` says."""

from __future__ import annotations

import msgspec


class WebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook endpoint; its secret is told once, when it is made or rotated."""

    id: str
    url: str
    events: list[str]
    """None: all."""
    description: str
    enabled: bool
    disabled_reason: str
    """`gone` (it answered 410), `failing` (an event was given up), `backlog` (too much waited), or empty."""
    failing_since: str | None
    """Since when every attempt failed."""
    rotated_until: str | None
    """Until then events carry the signature of the secret before as well."""
    created_at: str


class WebhookDetail(WebhookView, frozen=True, kw_only=True):
    """An endpoint, and how much it is owed."""

    waiting: int
    dead: int
    """Given up; a replay sends them again."""


class WebhookTried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test."""

    arrived: bool
    status: str
    """`2xx`, `3xx`, `4xx`, `5xx`, or `none`."""
    error: str
    """Why nothing was answered: `timeout`, `unreachable`, `not_public`, …"""
    took_ms: int


class Replayed(msgspec.Struct, frozen=True):
    """What is sent again."""

    events: int


class AttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to deliver an event."""

    id: str
    event_id: str
    type: str
    attempt: int
    """1 for the first."""
    outcome: str
    """`sent`, `again` (to be tried again), `dead` (given up), `gone`, or `test`."""
    status: int
    """HTTP status; 0 when nothing was answered."""
    error: str
    took_ms: int
    at: str


class AttemptPage(msgspec.Struct, frozen=True):
    """Attempts, the last first."""

    data: list[AttemptView]
    next_cursor: str = ""


class NewWebhook(WebhookView, frozen=True, kw_only=True):
    """An endpoint that was just made."""

    secret: str
    """`whsec_…`, for checking `webhook-signature` as Standard Webhooks says."""


class WebhookList(msgspec.Struct, frozen=True):
    """All webhook endpoints of the tenant."""

    data: list[WebhookView]
