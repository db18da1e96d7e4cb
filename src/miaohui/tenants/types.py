"""A tenant."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

State: TypeAlias = Literal["active", "suspended", "leaving", "gone"]
"""Served; not served for now; being deleted; deleted, which is all that is left of it."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a company is served."""

    state: State = "active"
    version: int = 0
    """0: never written."""

    @property
    def served(self) -> bool:
        """Its doors are open."""
        return self.state == "active"


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A company on the platform."""

    id: str
    name: str
    slug: str
    """Short name for addresses and commands: lower-case letters, digits, hyphens."""
    created_at_ms: int = 0


class OwnLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of anything, as a company sets it for itself; None: what holds for the installation."""

    visitor_messages_per_minute: int | None = None
    visitor_burst: int | None = None
    visitor_pictures_per_minute: int | None = None
    tenant_messages_per_minute: int | None = None
    tenant_burst: int | None = None
    tenant_pictures_per_minute: int | None = None
    message_bytes: int | None = None
    """Longest message that the assistant reads, in bytes of UTF-8."""
    handoff_unanswered: int | None = None
    """Questions in a row without an answer after which a person is called; 0 never."""
    handoff_upset: int | None = None
    handoff_turns: int | None = None
    handoff_tool_failure: bool | None = None
    cost_day_micro: int | None = None
    """What model providers may cost in a day, in millionths of the ledger's currency; 0 is no budget."""
    cost_month_micro: int | None = None
    """The same in a calendar month."""
    version: int = 0
    """0: never written."""
