"""Idempotency keys of REST requests: reserved before the work, answered after it, forgotten after a day.

And what doors of every kind forget with a conversation.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from miaohui.channels.tables import channel_letters, channel_sendings, channel_threads, idempotency
from miaohui.inboxes.tables import inboxes
from miaohui.kit.database import Database, Operation, Row

KEPT_MS = 24 * 3600 * 1000
ABANDONED_MS = 60_000
"""A reservation this old without an answer is of a request that died; the next one may try."""

_i = idempotency.c
_THIS = (_i.tenant_id == bindparam("p_tenant"), _i.principal == bindparam("p_principal"), _i.key == bindparam("p_key"))
_FORGET = delete(idempotency).where(_i.created_at_ms < bindparam("p_before"))
_FIND = select(idempotency).where(*_THIS)
_RESERVE = insert(idempotency)
_ANSWER = update(idempotency).where(*_THIS).values(status=bindparam("p_status"), answer=bindparam("p_answer"))
_DROP = delete(idempotency).where(*_THIS)
_ITS_THREAD = (
    channel_threads.c.tenant_id == bindparam("p_tenant"),
    channel_threads.c.conversation_id == bindparam("p_conversation"),
)
_FORGET_LETTERS = delete(channel_letters).where(
    or_(
        and_(
            channel_letters.c.inbox_id.in_(select(channel_threads.c.inbox_id).where(*_ITS_THREAD)),
            channel_letters.c.address.in_(select(channel_threads.c.address).where(*_ITS_THREAD)),
        ),
        and_(
            # Who left a conversation was written to; the thread of those letters names it.
            channel_letters.c.inbox_id.in_(select(inboxes.c.id).where(inboxes.c.tenant_id == bindparam("p_tenant"))),
            channel_letters.c.address.like(bindparam("p_ending"), escape="\\"),
        ),
    )
)
_FORGET_SENDINGS = delete(channel_sendings).where(
    channel_sendings.c.tenant_id == bindparam("p_tenant"),
    channel_sendings.c.conversation_id == bindparam("p_conversation"),
)
_FORGET_THREAD = delete(channel_threads).where(*_ITS_THREAD)
_FORGET_ANSWERS = delete(idempotency).where(
    _i.tenant_id == bindparam("p_tenant"), _i.principal == bindparam("p_principal")
)


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One request under a key."""

    tenant_id: str
    principal: str
    key: str
    request_hash: str


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """The request that came first under this key. `status` 0: it is still running."""

    request_hash: str
    status: int
    answer: bytes


class IdempotencyRepository:
    """All SQL of the doors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, ticket: Ticket, now_ms: int) -> Earlier | None:
        """None when this is the first request under its key, which is then reserved; else the earlier one."""
        return await self._database.write(lambda: _reserve(ticket, now_ms), key=ticket.principal)

    async def answer(self, ticket: Ticket, status: int, answer: bytes) -> None:
        """Keep the answer for a day."""
        await self._database.write(lambda: _answer(ticket, status, answer), key=ticket.principal)

    async def release(self, ticket: Ticket) -> None:
        """The request was refused or failed: the key is free again."""
        await self._database.write(lambda: _release(ticket), key=ticket.principal)

    async def forget_visitor(self, tenant_id: str, contact_id: str) -> None:
        """Answers that were kept for requests of a visitor's own are gone."""
        await self._database.write(lambda: _forget_all(tenant_id, f"visitor:{contact_id}"))


def forget_conversation(tenant_id: str, conversation_id: str) -> Operation[None]:
    """Whose address it was, and what was sent there. Who writes from there again begins anew."""
    key = {"p_tenant": tenant_id, "p_conversation": conversation_id}
    ending = conversation_id.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    yield _FORGET_LETTERS, {**key, "p_ending": f"%#={ending}"}
    yield _FORGET_SENDINGS, key
    yield _FORGET_THREAD, key


def _reserve(ticket: Ticket, now_ms: int) -> Operation[Earlier | None]:
    yield _FORGET, {"p_before": now_ms - KEPT_MS}
    rows = yield _FIND, _key(ticket)
    if rows and not _abandoned(rows[0], now_ms):
        row = rows[0]
        return Earlier(request_hash=row["request_hash"], status=row["status"], answer=bytes(row["answer"] or b""))
    if rows:
        yield _DROP, _key(ticket)
    values = {
        "tenant_id": ticket.tenant_id,
        "principal": ticket.principal,
        "key": ticket.key,
        "request_hash": ticket.request_hash,
        "created_at_ms": now_ms,
    }
    yield _RESERVE, values
    return None


def _answer(ticket: Ticket, status: int, answer: bytes) -> Operation[None]:
    yield _ANSWER, {**_key(ticket), "p_status": status, "p_answer": answer}


def _release(ticket: Ticket) -> Operation[None]:
    yield _DROP, _key(ticket)


def _abandoned(row: Row, now_ms: int) -> bool:
    return not row["status"] and row["created_at_ms"] < now_ms - ABANDONED_MS


def _key(ticket: Ticket) -> dict[str, str]:
    return {"p_tenant": ticket.tenant_id, "p_principal": ticket.principal, "p_key": ticket.key}


def _forget_all(tenant_id: str, principal: str) -> Operation[None]:
    yield _FORGET_ANSWERS, {"p_tenant": tenant_id, "p_principal": principal}
