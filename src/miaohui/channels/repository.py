"""Idempotency keys of REST requests: reserved before the work, answered after it, forgotten after a day."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from miaohui.channels.tables import idempotency
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
