"""A check under way."""

from __future__ import annotations

import msgspec


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Of one conversation."""

    conversation_id: str
    tenant_id: str
    owner: str
    """Whom the code was sent to."""
    code_hash: str
    """Empty when none is awaited."""
    tries: int
    """Wrong codes so far."""
    sent: int
    """Codes since `first_sent_at_ms`."""
    first_sent_at_ms: int
    expires_at_ms: int
    verified_owner: str = ""
    verified_until_ms: int = 0
