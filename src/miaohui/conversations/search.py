"""Finding a conversation again by what was said in it or by whom it was with: in the most recent ones, never in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, select

from miaohui.conversations.repository import read_conversation, read_message
from miaohui.conversations.tables import conversations, messages
from miaohui.conversations.types import Conversation, Message
from miaohui.kit.errors import FieldError, Invalid

if TYPE_CHECKING:
    from miaohui.kit.database import Database

SEARCHED = 2_000
"""Conversations that are looked through, the last changed first."""
MOST_HITS = 50
EXCERPT_CHARS = 160
QUERY_CHARS = 100

_c = conversations.c
_recent = (
    select(_c.id)
    .where(_c.tenant_id == bindparam("tenant_id"))
    .order_by(_c.updated_at_ms.desc(), _c.id.desc())
    .limit(SEARCHED)
    .subquery()
)
_SAID = (
    select(messages)
    .join(_recent, messages.c.conversation_id == _recent.c.id)
    .where(
        messages.c.tenant_id == bindparam("tenant_id"),
        messages.c.kind != "activity",
        messages.c.text.ilike(bindparam("pattern"), escape="\\"),
    )
    .order_by(messages.c.created_at_ms.desc(), messages.c.id.desc())
    .limit(bindparam("limit"))
)
_WITH = (
    select(conversations)
    .join(_recent, _c.id == _recent.c.id)
    .where(_c.tenant_id == bindparam("tenant_id"), _c.contact_name.ilike(bindparam("pattern"), escape="\\"))
    .order_by(_c.updated_at_ms.desc(), _c.id.desc())
    .limit(bindparam("limit"))
)
_BY_IDS = select(conversations).where(
    _c.tenant_id == bindparam("tenant_id"), _c.id.in_(bindparam("ids", expanding=True))
)
_LABELS = (
    select(_c.labels)
    .where(_c.tenant_id == bindparam("tenant_id"), _c.labels != "[]")
    .order_by(_c.updated_at_ms.desc())
    .limit(SEARCHED)
)


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that was found, with the message that holds the words; without one its contact's name does."""

    conversation: Conversation
    message: Message | None = None
    excerpt: str = ""


class ConversationSearch:
    """Three statements at the most, whatever is found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant_id: str, words: str, limit: int = 20) -> list[Hit]:
        """Conversations once each: first those with somebody of that name, then by what was said last.

        Raises `Invalid` on no words.
        """
        words = words.strip()
        if not 0 < len(words) <= QUERY_CHARS:
            wanted = f"1 to {QUERY_CHARS} characters"
            raise Invalid("Say what to look for.", errors=[FieldError("q", wanted)])
        values = {"tenant_id": tenant_id, "pattern": like(words), "limit": min(limit, MOST_HITS)}
        named = [read_conversation(row) for row in await self._database.read(_WITH, values)]
        said = [read_message(row) for row in await self._database.read(_SAID, {**values, "limit": limit * 4})]
        hits = {one.id: Hit(conversation=one) for one in named}
        first = {message.conversation_id: message for message in reversed(said)}
        missing = sorted(first.keys() - hits.keys())
        rows = await self._database.read(_BY_IDS, {"tenant_id": tenant_id, "ids": missing}) if missing else ()
        known = {row["id"]: read_conversation(row) for row in rows}
        for message in said:
            if message.conversation_id in known and message.conversation_id not in hits:
                hits[message.conversation_id] = Hit(
                    conversation=known[message.conversation_id],
                    message=message,
                    excerpt=excerpt(message.text, words),
                )
        return list(hits.values())[:limit]

    async def labels(self, tenant_id: str) -> list[str]:
        """In use lately, the most used first."""
        counts: dict[str, int] = {}
        for row in await self._database.read(_LABELS, {"tenant_id": tenant_id}):
            for label in msgspec.json.decode(row["labels"], type=list[str]):
                counts[label] = counts.get(label, 0) + 1
        return sorted(counts, key=lambda label: (-counts[label], label))[:200]


def like(words: str) -> str:
    """A pattern that holds for texts with these very words in them."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def excerpt(text: str, words: str) -> str:
    """The part of a text around the words, on one line."""
    at = text.lower().find(words.lower())
    start = max(0, at - EXCERPT_CHARS // 3)
    part = " ".join(text[start : start + EXCERPT_CHARS].split())
    return ("…" if start else "") + part + ("…" if start + EXCERPT_CHARS < len(text) else "")
