"""Reads of conversations, messages and turns. What is written stands in `operations.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Select, and_, bindparam, or_, select

from miaohui.contacts.tables import contacts
from miaohui.conversations.tables import conversations, messages, turns
from miaohui.conversations.types import Citation, Conversation, Filter, Message, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.kit.database import Database, Row

NOBODY = "none"
"""In a filter: conversations that no agent has."""

_citations = msgspec.json.Decoder(tuple[Citation, ...])
_labels = msgspec.json.Decoder(tuple[str, ...])

_OF_TENANT = conversations.c.tenant_id == bindparam("tenant_id")
_CONVERSATION = select(conversations).where(_OF_TENANT, conversations.c.id == bindparam("id"))
_LATEST = (
    select(conversations)
    .where(_OF_TENANT, conversations.c.contact_id == bindparam("contact_id"), conversations.c.status != "resolved")
    .order_by(conversations.c.created_at_ms.desc(), conversations.c.id.desc())
    .limit(1)
)
_DUE = (
    select(conversations)
    .where(conversations.c.status == "snoozed", conversations.c.snoozed_until_ms <= bindparam("now"))
    .order_by(conversations.c.snoozed_until_ms)
    .limit(bindparam("limit"))
)
_THREAD = (messages.c.tenant_id == bindparam("tenant_id")) & (
    messages.c.conversation_id == bindparam("conversation_id")
)
_AFTER = (
    select(messages)
    .where(_THREAD, messages.c.seq > bindparam("seq"))
    .order_by(messages.c.seq)
    .limit(bindparam("limit"))
)
_BEFORE = (
    select(messages)
    .where(_THREAD, messages.c.seq < bindparam("seq"))
    .order_by(messages.c.seq.desc())
    .limit(bindparam("limit"))
)
_MESSAGE = select(messages).where(messages.c.tenant_id == bindparam("tenant_id"), messages.c.id == bindparam("id"))
_SEEN = select(conversations.c.seen_by_contact, conversations.c.seen_by_agent).where(
    conversations.c.tenant_id == bindparam("tenant_id"), conversations.c.id == bindparam("id")
)
_FINAL = select(messages).where(
    messages.c.tenant_id == bindparam("tenant_id"), messages.c.turn_id == bindparam("turn_id"), messages.c.final == 1
)
_WAS_SENT = select(messages.c.seq).where(
    _THREAD, messages.c.principal == bindparam("principal"), messages.c.cmid == bindparam("cmid")
)
_TOPS = select(conversations.c.id, conversations.c.last_seq).where(
    conversations.c.id.in_(bindparam("ids", expanding=True))
)
_TURN = select(turns).where(turns.c.tenant_id == bindparam("tenant_id"), turns.c.id == bindparam("id"))


class ConversationsRepository:
    """Every method names its tenant; a row of another tenant is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant_id: str, conversation_id: str) -> Conversation | None:
        """One conversation, or None."""
        rows = await self._database.read(_CONVERSATION, {"tenant_id": tenant_id, "id": conversation_id})
        return read_conversation(rows[0]) if rows else None

    async def find_latest(self, tenant_id: str, contact_id: str) -> Conversation | None:
        """The contact's newest conversation that is not resolved."""
        rows = await self._database.read(_LATEST, {"tenant_id": tenant_id, "contact_id": contact_id})
        return read_conversation(rows[0]) if rows else None

    async def list_page(
        self, tenant_id: str, wanted: Filter, *, before: tuple[int, str] | None, limit: int
    ) -> list[Conversation]:
        """Newest change first, strictly older than `before` (change time, id)."""
        query = _page_query(tenant_id, wanted, before)
        return [read_conversation(row) for row in await self._database.read(query.limit(limit))]

    async def list_due(self, now_ms: int, limit: int) -> list[Conversation]:
        """Snoozed ones of every tenant whose time has come."""
        return [read_conversation(row) for row in await self._database.read(_DUE, {"now": now_ms, "limit": limit})]

    async def messages_after(self, tenant_id: str, conversation_id: str, seq: int, limit: int) -> list[Message]:
        """Ascending, strictly after `seq`."""
        return [read_message(row) for row in await self._thread(_AFTER, tenant_id, conversation_id, seq, limit)]

    async def messages_before(self, tenant_id: str, conversation_id: str, seq: int, limit: int) -> list[Message]:
        """The last ones strictly before `seq`, ascending."""
        rows = await self._thread(_BEFORE, tenant_id, conversation_id, seq, limit)
        return [read_message(row) for row in reversed(rows)]

    async def find_seen(self, tenant_id: str, conversation_id: str) -> tuple[int, int]:
        """Up to which message the visitor has looked, and the agents."""
        rows = await self._database.read(_SEEN, {"tenant_id": tenant_id, "id": conversation_id})
        return (rows[0]["seen_by_contact"], rows[0]["seen_by_agent"]) if rows else (0, 0)

    async def find_message(self, tenant_id: str, message_id: str) -> Message | None:
        """One message, or None."""
        rows = await self._database.read(_MESSAGE, {"tenant_id": tenant_id, "id": message_id})
        return read_message(rows[0]) if rows else None

    async def find_final(self, tenant_id: str, turn_id: str) -> Message | None:
        """The turn's one answer, or None."""
        rows = await self._database.read(_FINAL, {"tenant_id": tenant_id, "turn_id": turn_id})
        return read_message(rows[0]) if rows else None

    async def was_sent(self, conversation: Conversation, principal: str, cmid: str) -> bool:
        """Whether this principal's message of this client id is stored."""
        values = {"tenant_id": conversation.tenant_id, "conversation_id": conversation.id}
        return bool(await self._database.read(_WAS_SENT, {**values, "principal": principal, "cmid": cmid}))

    async def find_turn(self, tenant_id: str, turn_id: str) -> Turn | None:
        """One turn, without its question, or None."""
        rows = await self._database.read(_TURN, {"tenant_id": tenant_id, "id": turn_id})
        return read_turn(rows[0]) if rows else None

    async def top_seqs(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        """The last `seq` of each of these conversations; for the server's own positioning, whatever the tenant."""
        rows = await self._database.read(_TOPS, {"ids": list(conversation_ids)})
        return {row[0]: row[1] for row in rows}

    async def _thread(
        self, query: Select[tuple[object, ...]], tenant_id: str, conversation_id: str, seq: int, limit: int
    ) -> Sequence[Row]:
        values = {"tenant_id": tenant_id, "conversation_id": conversation_id, "seq": seq, "limit": limit}
        return await self._database.read(query, values)


def _page_query(tenant_id: str, wanted: Filter, before: tuple[int, str] | None) -> Select[tuple[object, ...]]:
    columns = conversations.c
    query = select(conversations).where(columns.tenant_id == tenant_id)
    if wanted.status:
        query = query.where(columns.status == wanted.status)
    if wanted.assignee_id:
        query = query.where(columns.assignee_id == ("" if wanted.assignee_id == NOBODY else wanted.assignee_id))
    for column, value in (
        (columns.inbox_id, wanted.inbox_id),
        (columns.team_id, wanted.team_id),
        (columns.priority, wanted.priority),
    ):
        if value:
            query = query.where(column == value)
    if wanted.label:
        # Labels are JSON text; a quoted label can stand in it only as itself.
        query = query.where(columns.labels.contains(msgspec.json.encode(wanted.label).decode(), autoescape=True))
    if wanted.vip:
        theirs = (contacts.c.tenant_id == columns.tenant_id, contacts.c.id == columns.contact_id, contacts.c.vip == 1)
        query = query.where(select(contacts.c.id).where(*theirs).correlate(conversations).exists())
    if wanted.contact_ids:
        query = query.where(columns.contact_id.in_(wanted.contact_ids))
    if before:
        at_ms, id_ = before
        older = or_(columns.updated_at_ms < at_ms, and_(columns.updated_at_ms == at_ms, columns.id < id_))
        query = query.where(older)
    return query.order_by(columns.updated_at_ms.desc(), columns.id.desc())


def read_conversation(row: Row) -> Conversation:
    """A row of `conversations`."""
    return Conversation(
        id=row["id"],
        tenant_id=row["tenant_id"],
        inbox_id=row["inbox_id"],
        contact_id=row["contact_id"],
        contact_name=row["contact_name"],
        status=row["status"],
        ownership_epoch=row["ownership_epoch"],
        assignee_id=row["assignee_id"],
        handoff_reason=row["handoff_reason"] or None,
        waiting_since_ms=row["waiting_since_ms"],
        queued_at_ms=row["queued_at_ms"],
        team_id=row["team_id"],
        priority=row["priority"],
        labels=() if row["labels"] == "[]" else _labels.decode(row["labels"]),
        snoozed_until_ms=row["snoozed_until_ms"],
        last_seq=row["last_seq"],
        preview=row["preview"],
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
    )


def read_message(row: Row) -> Message:
    """A row of `messages`."""
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        seq=row["seq"],
        sender=row["sender"],
        sender_id=row["sender_id"],
        sender_name=row["sender_name"],
        kind=row["kind"],
        text=row["text"],
        citations=_citations.decode(row["citations"]),
        turn_id=row["turn_id"],
        final=bool(row["final"]),
        principal=row["principal"],
        cmid=row["cmid"] or "",
        rating=row["rating"],
        created_at_ms=row["created_at_ms"],
        original=row["original"],
    )


def read_turn(row: Row, question: str = "") -> Turn:
    """A row of `turns`; the question stands in its message."""
    return Turn(
        id=row["id"],
        tenant_id=row["tenant_id"],
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        question=question,
        state=row["state"],
        reason=row["reason"],
        attempt=row["attempt"],
        fence=row["fence"],
        ownership_epoch=row["ownership_epoch"],
        created_at_ms=row["created_at_ms"],
    )
