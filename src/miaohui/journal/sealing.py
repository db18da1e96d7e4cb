"""Rows of the chain, and of what it seals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, func, insert, select

from miaohui.conversations.tables import conversations, messages
from miaohui.journal.chain import START, Link, Seal, digest_done, link
from miaohui.journal.tables import audit, audit_chain
from miaohui.tenants.tables import tenants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.kit.database import Database, Operation, Row

MOST_AT_ONCE = 200
_PAGE = 500
_k, _m, _c, _a = audit_chain.c, messages.c, conversations.c, audit.c

_TENANTS = select(tenants.c.id).order_by(tenants.c.id)
_HEAD = select(_k.number, _k.hash).where(_k.tenant_id == bindparam("tenant")).order_by(_k.number.desc()).limit(1)
_SEALED = select(func.max(_k.last).label("last")).where(
    _k.tenant_id == bindparam("tenant"), _k.subject == bindparam("subject"), _k.kind == "messages"
)
_INSERT = insert(audit_chain)
_LAST_SEALED = func.coalesce(
    select(func.max(_k.last))
    .where(_k.tenant_id == _c.tenant_id, _k.subject == _c.id, _k.kind == "messages")
    .correlate(conversations)
    .scalar_subquery(),
    0,
)
_UNSEALED = (
    select(_c.id, _c.last_seq, _c.updated_at_ms, _LAST_SEALED.label("sealed"))
    .where(
        _c.tenant_id == bindparam("tenant"),
        _c.updated_at_ms >= bindparam("after"),
        _c.updated_at_ms < bindparam("before"),
        _c.last_seq > _LAST_SEALED,
    )
    .order_by(_c.updated_at_ms)
    .limit(MOST_AT_ONCE)
)
_SAID = (
    select(messages)
    .where(
        _m.tenant_id == bindparam("tenant"),
        _m.conversation_id == bindparam("conversation"),
        _m.seq >= bindparam("first"),
        _m.seq <= bindparam("last"),
    )
    .order_by(_m.seq)
)
_KNOWN = exists().where(and_(_k.tenant_id == _a.tenant_id, _k.subject == _a.id, _k.kind == "act"))
_DONE = (
    select(audit)
    .where(_a.tenant_id == bindparam("tenant"), _a.at_ms >= bindparam("after"), _a.at_ms < bindparam("before"), ~_KNOWN)
    .order_by(_a.at_ms, _a.id)
    .limit(MOST_AT_ONCE)
)
_ACT = select(audit).where(_a.tenant_id == bindparam("tenant"), _a.id == bindparam("act"))
_LINKS = (
    select(audit_chain)
    .where(_k.tenant_id == bindparam("tenant"), _k.number > bindparam("after"))
    .order_by(_k.number)
    .limit(_PAGE)
)
_WHOSE = select(_c.last_seq).where(_c.tenant_id == bindparam("tenant"), _c.id == bindparam("conversation"))


def append(tenant_id: str, seals: Sequence[Seal], now_ms: int) -> Operation[int]:
    """Add links, leaving out what another node sealed meanwhile; how many. Raises `Conflict` to one of two at once."""
    heads = yield _HEAD, {"tenant": tenant_id}
    number, before = (heads[0]["number"], heads[0]["hash"]) if heads else (0, START)
    added = 0
    for seal in seals:
        if seal.kind == "messages":
            sealed = (yield _SEALED, {"tenant": tenant_id, "subject": seal.subject})[0]["last"] or 0
            if sealed != seal.first - 1:
                continue
        added += 1
        made = link(before, number + added, now_ms, seal)
        yield _INSERT, _row(tenant_id, made)
        before = made.hash
    return added


def _row(tenant_id: str, made: Link) -> dict[str, object]:
    seal = made.seal
    return {
        "tenant_id": tenant_id,
        "number": made.number,
        "at_ms": made.at_ms,
        "kind": seal.kind,
        "subject": seal.subject,
        "first": seal.first,
        "last": seal.last,
        "digest": seal.digest,
        "hash": made.hash,
    }


async def list_tenants(database: Database) -> list[str]:
    """Everybody's."""
    return [str(row["id"]) for row in await database.read(_TENANTS)]


async def unsealed(database: Database, tenant_id: str, after_ms: int, before_ms: int) -> Sequence[Row]:
    """Conversations of that time with messages that are not sealed: `id`, `last_seq`, `updated_at_ms`, `sealed`."""
    return await database.read(_UNSEALED, {"tenant": tenant_id, "after": after_ms, "before": before_ms})


async def said(database: Database, tenant_id: str, conversation_id: str, first: int, last: int) -> Sequence[Row]:
    """Messages by their numbers, in order."""
    key = {"tenant": tenant_id, "conversation": conversation_id, "first": first, "last": last}
    return await database.read(_SAID, key)


async def done(database: Database, tenant_id: str, after_ms: int, before_ms: int) -> list[Seal]:
    """Acts of that time that are not sealed."""
    rows = await database.read(_DONE, {"tenant": tenant_id, "after": after_ms, "before": before_ms})
    return [Seal(kind="act", subject=row["id"], digest=digest_done(row)) for row in rows]


async def find_act(database: Database, tenant_id: str, act_id: str) -> Row | None:
    """One act."""
    rows = await database.read(_ACT, {"tenant": tenant_id, "act": act_id})
    return rows[0] if rows else None


async def has_conversation(database: Database, tenant_id: str, conversation_id: str) -> bool:
    """Whether it is kept."""
    return bool(await database.read(_WHOSE, {"tenant": tenant_id, "conversation": conversation_id}))


async def links(database: Database, tenant_id: str, after: int) -> list[Link]:
    """The next links, a page of them."""
    return [
        Link(
            number=row["number"],
            at_ms=row["at_ms"],
            seal=Seal(
                kind=row["kind"], subject=row["subject"], first=row["first"], last=row["last"], digest=row["digest"]
            ),
            hash=row["hash"],
        )
        for row in await database.read(_LINKS, {"tenant": tenant_id, "after": after})
    ]
