"""A tenant."""

from __future__ import annotations

import msgspec


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A company on the platform."""

    id: str
    name: str
    slug: str
    """Short name for addresses and commands: lower-case letters, digits, hyphens."""
    created_at_ms: int = 0
