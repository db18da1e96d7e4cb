"""Rows of the journal and of the audit."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, or_, select

from miaohui.journal.tables import audit, journal_turns
from miaohui.journal.types import AuditEntry, Fact, TurnEntry
from miaohui.kit.database import Database, Operation, Row
from miaohui.kit.paging import Cursor

_INSERT_TURN = journal_turns.insert()
_FIND_TURN = select(journal_turns.c.entry).where(
    journal_turns.c.tenant_id == bindparam("tenant_id"), journal_turns.c.turn_id == bindparam("turn_id")
)
_LIST_TURNS = (
    select(journal_turns.c.entry)
    .where(journal_turns.c.tenant_id == bindparam("tenant_id"), journal_turns.c.started_at_ms >= bindparam("since_ms"))
    .order_by(journal_turns.c.started_at_ms.desc())
    .limit(bindparam("limit"))
)
_INSERT_AUDIT = audit.insert()
_LIST_AUDIT = (
    select(audit)
    .where(
        audit.c.tenant_id == bindparam("tenant_id"),
        or_(audit.c.at_ms < bindparam("at"), (audit.c.at_ms == bindparam("at")) & (audit.c.id < bindparam("id"))),
    )
    .order_by(audit.c.at_ms.desc(), audit.c.id.desc())
    .limit(bindparam("limit"))
)
_FIRST = Cursor(2**62, "")


def record_turn(entry: TurnEntry) -> Operation[None]:
    """Close a turn's entry; composes into the transaction that ends the turn."""
    yield (
        _INSERT_TURN,
        {
            "turn_id": entry.turn_id,
            "tenant_id": entry.tenant_id,
            "conversation_id": entry.conversation_id,
            "started_at_ms": entry.started_at_ms,
            "ended_at_ms": entry.ended_at_ms,
            "outcome": entry.outcome,
            "entry": msgspec.json.encode(entry).decode(),
        },
    )


def record_act(entry: AuditEntry) -> Operation[None]:
    """Add an act to the audit; composes into the transaction that does it."""
    yield (
        _INSERT_AUDIT,
        {
            "id": entry.id,
            "tenant_id": entry.tenant_id,
            "at_ms": entry.at_ms,
            "actor": entry.actor,
            "actor_name": entry.actor_name,
            "act": entry.act,
            "subject": entry.subject,
            "detail": msgspec.json.encode(entry.detail).decode(),
        },
    )


async def find_turn(database: Database, tenant_id: str, turn_id: str) -> TurnEntry | None:
    """By id, of this tenant."""
    rows = await database.read(_FIND_TURN, {"tenant_id": tenant_id, "turn_id": turn_id})
    return read_turn(rows[0]["entry"]) if rows else None


async def list_turns(database: Database, tenant_id: str, since_ms: int, limit: int) -> list[str]:
    """Those that began since then, the newest first, as they are stored: reading many is a caller's thread's work."""
    rows = await database.read(_LIST_TURNS, {"tenant_id": tenant_id, "since_ms": since_ms, "limit": limit})
    return [row["entry"] for row in rows]


def read_turn(entry: str) -> TurnEntry:
    """An entry that was stored."""
    return msgspec.json.decode(entry, type=TurnEntry)


async def list_audit(database: Database, tenant_id: str, after: Cursor | None, limit: int) -> list[AuditEntry]:
    """Up to `limit` acts, the newest first."""
    start = after or _FIRST
    rows = await database.read(_LIST_AUDIT, {"tenant_id": tenant_id, "at": start.at, "id": start.id, "limit": limit})
    return [_audit_entry(row) for row in rows]


def _audit_entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        tenant_id=row["tenant_id"],
        at_ms=row["at_ms"],
        actor=row["actor"],
        actor_name=row["actor_name"],
        act=row["act"],
        subject=row["subject"],
        detail=msgspec.json.decode(row["detail"], type=dict[str, Fact]),
    )
