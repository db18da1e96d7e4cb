"""SQL of what was said and answered of late, as far as a rule wants to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from miaohui.conversations.tables import messages, turns

if TYPE_CHECKING:
    from miaohui.kit.database import Database

_m, _t = messages.c, turns.c
_WORDS = (
    select(_m.text)
    .where(
        _m.tenant_id == bindparam("tenant_id"),
        _m.conversation_id == bindparam("conversation_id"),
        _m.sender == "visitor",
        _m.kind == "text",
    )
    .order_by(_m.seq.desc())
    .limit(bindparam("limit"))
)
_REASONS = (
    select(_t.reason)
    .where(
        _t.tenant_id == bindparam("tenant_id"),
        _t.conversation_id == bindparam("conversation_id"),
        _t.ownership_epoch == bindparam("epoch"),
        _t.state == "answered",
    )
    .order_by(_t.created_at_ms.desc(), _t.id.desc())
    .limit(bindparam("limit"))
)


class SpokenRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_words(self, tenant_id: str, conversation_id: str, limit: int) -> list[str]:
        """Of the visitor, the last ones, oldest first."""
        key = {"tenant_id": tenant_id, "conversation_id": conversation_id, "limit": limit}
        return [row["text"] for row in reversed(await self._database.read(_WORDS, key))]

    async def last_reasons(self, tenant_id: str, conversation_id: str, epoch: int, limit: int) -> list[str]:
        """Of turns that the assistant answered since it last came to own the conversation, the last first."""
        key = {"tenant_id": tenant_id, "conversation_id": conversation_id, "epoch": epoch, "limit": limit}
        return [row["reason"] for row in await self._database.read(_REASONS, key)]
