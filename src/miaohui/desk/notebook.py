"""SQL of what agents have at hand: canned replies, and mentions of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, or_, select, update

from miaohui.desk.tables import desk_mentions, desk_replies
from miaohui.desk.types import Mention, Reply

if TYPE_CHECKING:
    from miaohui.kit.database import Database, Operation, Row
    from miaohui.kit.paging import Cursor

_r = desk_replies.c
_ITS_REPLY = (_r.tenant_id == bindparam("its_tenant"), _r.id == bindparam("its_id"))
_INSERT_REPLY = insert(desk_replies)
_CHANGE_REPLY = (
    update(desk_replies)
    .where(*_ITS_REPLY)
    .values({_r.short_code: bindparam("its_code"), _r.text: bindparam("its_text"), _r.updated_at_ms: bindparam("now")})
    .returning(desk_replies)
)
_DELETE_REPLY = delete(desk_replies).where(*_ITS_REPLY).returning(_r.id)
_COUNT = select(_r.id).where(_r.tenant_id == bindparam("tenant_id")).limit(2_001)
_SEARCH = (
    select(desk_replies)
    .where(
        _r.tenant_id == bindparam("tenant_id"),
        or_(
            _r.short_code.like(bindparam("pattern"), escape="\\"),
            _r.text.like(bindparam("pattern"), escape="\\"),
        ),
        _r.short_code > bindparam("after"),
    )
    .order_by(_r.short_code)
    .limit(bindparam("limit"))
)
_m = desk_mentions.c
_INSERT_MENTION = insert(desk_mentions)
_MENTIONS = (
    select(desk_mentions)
    .where(
        _m.tenant_id == bindparam("tenant_id"),
        _m.person_id == bindparam("person_id"),
        or_(_m.at_ms < bindparam("at"), (_m.at_ms == bindparam("at")) & (_m.message_id < bindparam("id"))),
    )
    .order_by(_m.at_ms.desc(), _m.message_id.desc())
    .limit(bindparam("limit"))
)
_SEE = (
    update(desk_mentions)
    .where(
        _m.tenant_id == bindparam("its_tenant"),
        _m.person_id == bindparam("its_person"),
        _m.conversation_id == bindparam("its_conversation"),
        _m.seen_at_ms == 0,
    )
    .values({_m.seen_at_ms: bindparam("now")})
)


def insert_reply(reply: Reply) -> Operation[Reply]:
    """A new one; its code must be free."""
    yield (
        _INSERT_REPLY,
        {
            "id": reply.id,
            "tenant_id": reply.tenant_id,
            "short_code": reply.short_code,
            "text": reply.text,
            "created_by": reply.created_by,
            "created_at_ms": reply.created_at_ms,
            "updated_at_ms": reply.updated_at_ms,
        },
    )
    return reply


def change_reply(tenant_id: str, reply_id: str, short_code: str, text: str, now_ms: int) -> Operation[Reply | None]:
    """Other words; None when there is no such reply."""
    values = {"its_tenant": tenant_id, "its_id": reply_id, "its_code": short_code, "its_text": text, "now": now_ms}
    rows = yield _CHANGE_REPLY, values
    return _reply(rows[0]) if rows else None


def delete_reply(tenant_id: str, reply_id: str) -> Operation[bool]:
    """False when there is no such reply."""
    return bool((yield _DELETE_REPLY, {"its_tenant": tenant_id, "its_id": reply_id}))


def insert_mention(tenant_id: str, mention: Mention) -> Operation[None]:
    """Somebody's name stands in a note."""
    yield (
        _INSERT_MENTION,
        {
            "message_id": mention.message_id,
            "person_id": mention.person_id,
            "tenant_id": tenant_id,
            "conversation_id": mention.conversation_id,
            "by_id": mention.by_id,
            "by_name": mention.by_name,
            "at_ms": mention.at_ms,
        },
    )


def see_mentions(tenant_id: str, person_id: str, conversation_id: str, now_ms: int) -> Operation[None]:
    """The person has looked at the conversation."""
    key = {"its_tenant": tenant_id, "its_person": person_id, "its_conversation": conversation_id}
    yield _SEE, {**key, "now": now_ms}


class NotebookRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_replies(self, tenant_id: str) -> int:
        """Up to two thousand and one."""
        return len(await self._database.read(_COUNT, {"tenant_id": tenant_id}))

    async def search_replies(self, tenant_id: str, words: str, after: str, limit: int) -> list[Reply]:
        """Whose code or text holds the words, by code, strictly after `after`."""
        escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values = {"tenant_id": tenant_id, "pattern": f"%{escaped}%", "after": after, "limit": limit}
        return [_reply(row) for row in await self._database.read(_SEARCH, values)]

    async def list_mentions(self, tenant_id: str, person_id: str, before: Cursor, limit: int) -> list[Mention]:
        """The newest first."""
        key = {"tenant_id": tenant_id, "person_id": person_id}
        rows = await self._database.read(_MENTIONS, {**key, "at": before.at, "id": before.id, "limit": limit})
        return [_mention(row) for row in rows]


def _reply(row: Row) -> Reply:
    return Reply(
        id=row["id"],
        tenant_id=row["tenant_id"],
        short_code=row["short_code"],
        text=row["text"],
        created_by=row["created_by"],
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
    )


def _mention(row: Row) -> Mention:
    return Mention(
        message_id=row["message_id"],
        conversation_id=row["conversation_id"],
        person_id=row["person_id"],
        by_id=row["by_id"],
        by_name=row["by_name"],
        at_ms=row["at_ms"],
        seen_at_ms=row["seen_at_ms"],
    )
