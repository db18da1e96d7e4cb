"""Rows of tickets, their events, rules and targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Select, and_, bindparam, delete, func, insert, or_, select, update

from miaohui.tickets.tables import ticket_events, ticket_rules, ticket_targets, tickets
from miaohui.tickets.types import Filter, Rule, Ticket, TicketEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.kit.database import Database, Operation, Row
    from miaohui.kit.paging import Cursor
    from miaohui.tickets.types import Priority

NOBODY = "none"

_t = tickets.c
_ITS = (_t.tenant_id == bindparam("its_tenant"), _t.id == bindparam("its_id"))
_GET = select(tickets).where(*_ITS)
_LAST_NUMBER = select(func.coalesce(func.max(_t.number), 0).label("number")).where(
    _t.tenant_id == bindparam("its_tenant")
)
_INSERT = insert(tickets)
_CHANGE = (
    update(tickets)
    .where(*_ITS, _t.updated_at_ms == bindparam("its_known"))
    .values(
        subject=bindparam("its_subject"),
        description=bindparam("its_description"),
        status=bindparam("its_status"),
        priority=bindparam("its_priority"),
        category=bindparam("its_category"),
        assignee_id=bindparam("its_assignee"),
        team_id=bindparam("its_team"),
        due_at_ms=bindparam("its_due"),
        left_ms=bindparam("its_left"),
        follow_up_at_ms=bindparam("its_follow_up"),
        follow_up_text=bindparam("its_follow_up_text"),
        follow_up_by=bindparam("its_follow_up_by"),
        closed_at_ms=bindparam("its_closed"),
        updated_at_ms=bindparam("its_updated"),
    )
    .returning(_t.id)
)
_DUE_FOLLOW_UPS = (
    select(tickets)
    .where(_t.follow_up_at_ms > 0, _t.follow_up_at_ms <= bindparam("now"))
    .order_by(_t.follow_up_at_ms)
    .limit(bindparam("limit"))
)
_INSERT_EVENT = insert(ticket_events)
_EVENTS = (
    select(ticket_events)
    .where(
        ticket_events.c.tenant_id == bindparam("tenant_id"),
        ticket_events.c.ticket_id == bindparam("ticket_id"),
    )
    .order_by(ticket_events.c.at_ms, ticket_events.c.id)
    .limit(500)
)
_OF_CONTACTS = (_t.tenant_id == bindparam("its_tenant"), _t.contact_id.in_(bindparam("its_contacts", expanding=True)))
_LIST_OF_CONTACTS = select(tickets).where(*_OF_CONTACTS).order_by(_t.created_at_ms, _t.id).limit(500)
_ERASE_EVENTS = (
    update(ticket_events)
    .where(
        ticket_events.c.tenant_id == bindparam("its_tenant"),
        ticket_events.c.ticket_id.in_(select(_t.id).where(*_OF_CONTACTS)),
    )
    .values(detail="")
)
_ERASE = (
    update(tickets)
    .where(*_OF_CONTACTS)
    .values(subject=bindparam("its_subject"), description="", follow_up_text="", follow_up_at_ms=0)
    .returning(_t.id)
)
_INSERT_RULE = insert(ticket_rules)
_CHANGED = ("name", "handoff_reason", "label", "subject", "priority", "category", "team_id")
_CHANGE_RULE = (
    update(ticket_rules)
    .where(ticket_rules.c.tenant_id == bindparam("its_tenant_id"), ticket_rules.c.id == bindparam("its_id"))
    .values({name: bindparam(f"its_{name}") for name in _CHANGED})
    .returning(ticket_rules.c.id)
)
_DELETE_RULE = (
    delete(ticket_rules)
    .where(ticket_rules.c.tenant_id == bindparam("its_tenant"), ticket_rules.c.id == bindparam("its_id"))
    .returning(ticket_rules.c.id)
)
_RULES = (
    select(ticket_rules)
    .where(ticket_rules.c.tenant_id == bindparam("tenant_id"))
    .order_by(ticket_rules.c.created_at_ms, ticket_rules.c.id)
    .limit(200)
)
_OF_RULE = select(_t.id).where(
    _t.tenant_id == bindparam("its_tenant"),
    _t.rule_id == bindparam("its_rule"),
    _t.conversation_id == bindparam("its_conversation"),
)
_TARGETS = select(ticket_targets).where(ticket_targets.c.tenant_id == bindparam("tenant_id"))
_CLEAR_TARGETS = delete(ticket_targets).where(ticket_targets.c.tenant_id == bindparam("its_tenant"))
_INSERT_TARGET = insert(ticket_targets)


def open_ticket(ticket: Ticket, event: TicketEvent) -> Operation[Ticket | None]:
    """Under the tenant's next number; None when its rule has opened one for the conversation before."""
    if ticket.rule_id:
        key = {"its_tenant": ticket.tenant_id, "its_rule": ticket.rule_id, "its_conversation": ticket.conversation_id}
        if (yield _OF_RULE, key):
            return None
    last = yield _LAST_NUMBER, {"its_tenant": ticket.tenant_id}
    numbered = msgspec.structs.replace(ticket, number=last[0]["number"] + 1)
    yield _INSERT, {**msgspec.structs.asdict(numbered), "rule_id": ticket.rule_id or None}
    yield from note(event)
    return numbered


def change(known: Ticket, changed: Ticket, event: TicketEvent) -> Operation[bool]:
    """What changed since `known` was read; False when somebody else changed it meanwhile."""
    rows = yield (
        _CHANGE,
        {
            "its_tenant": known.tenant_id,
            "its_id": known.id,
            "its_known": known.updated_at_ms,
            "its_subject": changed.subject,
            "its_description": changed.description,
            "its_status": changed.status,
            "its_priority": changed.priority,
            "its_category": changed.category,
            "its_assignee": changed.assignee_id,
            "its_team": changed.team_id,
            "its_due": changed.due_at_ms,
            "its_left": changed.left_ms,
            "its_follow_up": changed.follow_up_at_ms,
            "its_follow_up_text": changed.follow_up_text,
            "its_follow_up_by": changed.follow_up_by,
            "its_closed": changed.closed_at_ms,
            "its_updated": changed.updated_at_ms,
        },
    )
    if rows:
        yield from note(event)
    return bool(rows)


def note(event: TicketEvent) -> Operation[None]:
    """Something happened to a ticket."""
    yield _INSERT_EVENT, msgspec.structs.asdict(event)


def erase(tenant_id: str, contact_ids: Sequence[str], subject: str) -> Operation[int]:
    """What tickets of these contacts say is gone for good; how many they are."""
    key = {"its_tenant": tenant_id, "its_contacts": list(contact_ids)}
    yield _ERASE_EVENTS, key
    return len((yield _ERASE, {**key, "its_subject": subject}))


def insert_rule(rule: Rule) -> Operation[Rule]:
    """A new rule."""
    yield _INSERT_RULE, msgspec.structs.asdict(rule)
    return rule


def change_rule(rule: Rule) -> Operation[bool]:
    """In place of the one with its id; False when there is none."""
    values = {f"its_{name}": getattr(rule, name) for name in ("tenant_id", "id", *_CHANGED)}
    return bool((yield _CHANGE_RULE, values))


def delete_rule(tenant_id: str, rule_id: str) -> Operation[bool]:
    """False when there is no such rule."""
    return bool((yield _DELETE_RULE, {"its_tenant": tenant_id, "its_id": rule_id}))


def set_targets(tenant_id: str, targets: dict[Priority, int]) -> Operation[None]:
    """Working minutes by priority."""
    yield _CLEAR_TARGETS, {"its_tenant": tenant_id}
    for priority, minutes in targets.items():
        yield _INSERT_TARGET, {"tenant_id": tenant_id, "priority": priority, "due_minutes": minutes}


class TicketsRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant_id: str, ticket_id: str) -> Ticket | None:
        """One ticket, or None."""
        rows = await self._database.read(_GET, {"its_tenant": tenant_id, "its_id": ticket_id})
        return _ticket(rows[0]) if rows else None

    async def list_page(self, tenant_id: str, wanted: Filter, before: Cursor | None, limit: int) -> list[Ticket]:
        """The last changed first, strictly before `before`."""
        query = _page_query(tenant_id, wanted, before).limit(limit)
        return [_ticket(row) for row in await self._database.read(query)]

    async def list_of_contacts(self, tenant_id: str, contact_ids: Sequence[str]) -> list[Ticket]:
        """Oldest first."""
        key = {"its_tenant": tenant_id, "its_contacts": list(contact_ids)}
        return [_ticket(row) for row in await self._database.read(_LIST_OF_CONTACTS, key)]

    async def list_events(self, tenant_id: str, ticket_id: str) -> list[TicketEvent]:
        """What happened to it, oldest first."""
        rows = await self._database.read(_EVENTS, {"tenant_id": tenant_id, "ticket_id": ticket_id})
        return [TicketEvent(**dict(zip(row.keys(), row, strict=True))) for row in rows]

    async def list_due_follow_ups(self, now_ms: int, limit: int) -> list[Ticket]:
        """Of every tenant."""
        return [_ticket(row) for row in await self._database.read(_DUE_FOLLOW_UPS, {"now": now_ms, "limit": limit})]

    async def list_rules(self, tenant_id: str) -> list[Rule]:
        """Oldest first."""
        rows = await self._database.read(_RULES, {"tenant_id": tenant_id})
        return [Rule(**dict(zip(row.keys(), row, strict=True))) for row in rows]

    async def targets(self, tenant_id: str) -> dict[Priority, int]:
        """Those that the company has set."""
        rows = await self._database.read(_TARGETS, {"tenant_id": tenant_id})
        return {row["priority"]: row["due_minutes"] for row in rows}


def _page_query(tenant_id: str, wanted: Filter, before: Cursor | None) -> Select[tuple[object, ...]]:
    query = select(tickets).where(_t.tenant_id == tenant_id)
    for column, value in (
        (_t.status, wanted.status),
        (_t.priority, wanted.priority),
        (_t.category, wanted.category),
        (_t.team_id, wanted.team_id),
        (_t.conversation_id, wanted.conversation_id),
    ):
        if value:
            query = query.where(column == value)
    if wanted.assignee_id:
        query = query.where(_t.assignee_id == ("" if wanted.assignee_id == NOBODY else wanted.assignee_id))
    if wanted.overdue_at_ms:
        query = query.where(_t.due_at_ms > 0, _t.due_at_ms <= wanted.overdue_at_ms, _t.status != "done")
    if before:
        older = or_(_t.updated_at_ms < before.at, and_(_t.updated_at_ms == before.at, _t.id < before.id))
        query = query.where(older)
    return query.order_by(_t.updated_at_ms.desc(), _t.id.desc())


def _ticket(row: Row) -> Ticket:
    values = dict(zip(row.keys(), row, strict=True))
    return Ticket(**{**values, "rule_id": values["rule_id"] or ""})
