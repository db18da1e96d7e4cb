"""A contact."""

from __future__ import annotations

import msgspec


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person known, or a visitor not identified yet (`external_id` is empty)."""

    id: str
    tenant_id: str
    inbox_id: str
    external_id: str = ""
    """The tenant's own id of this person, from a verified source (API key or signed identity token) only."""
    name: str = ""
    verified: bool = False
    attributes: dict[str, str] = {}
    created_at_ms: int = 0
    last_seen_at_ms: int = 0
    blocked_at_ms: int = 0
    """0: not blocked."""
    merged_into: str = ""
    """The contact that this one was found to be; what it said stays its own."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the company's site, and what looks at it."""

    url: str
    title: str = ""
    referrer: str = ""
    """Where the visitor came from to the first page that told of itself."""
    browser: str = ""
    """`Chrome 130 · Windows`."""
    language: str = ""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Where a visitor was last."""

    tenant_id: str
    contact_id: str
    page: Page
    since_ms: int
    """When they came to this page."""
    seen_at_ms: int
