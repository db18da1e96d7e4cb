"""What this room needs of others."""

from __future__ import annotations

from typing import Protocol

from miaohui.memory.types import Exchange


class History(Protocol):
    """The record of conversations."""

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[Exchange]:
        """The last answered turns, oldest first; empty for a new conversation."""
        ...
