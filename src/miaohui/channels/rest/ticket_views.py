"""What REST answers with about tickets. Encoded by msgspec, as `views` says."""

from __future__ import annotations

from typing import Any

import msgspec

from miaohui.realtime.frames import rfc3339
from miaohui.tickets.policy import is_overdue
from miaohui.tickets.types import Rule, Ticket, TicketEvent


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket."""

    id: str
    number: int
    subject: str
    description: str
    status: str
    priority: str
    category: str
    conversation_id: str
    contact_id: str
    inbox_id: str
    assignee_id: str
    team_id: str
    opened_by: str
    due_at: str | None
    """None while it waits for somebody outside: its clock stands still."""
    overdue: bool
    follow_up_at: str | None
    follow_up_text: str
    created_at: str
    updated_at: str
    closed_at: str | None


class TicketEventView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a ticket."""

    id: str
    at: str
    actor: str
    actor_name: str
    kind: str
    detail: str


class TicketDetail(TicketView, frozen=True, kw_only=True):
    """A ticket with its history."""

    events: list[TicketEventView]


class TicketPage(msgspec.Struct, frozen=True):
    """Tickets, the last changed first."""

    data: list[TicketView]
    next_cursor: str = ""


class TicketRuleView(msgspec.Struct, frozen=True, kw_only=True):
    """What opens tickets by itself."""

    id: str
    name: str
    handoff_reason: str
    label: str
    subject: str
    priority: str
    category: str
    team_id: str


class TicketRuleList(msgspec.Struct, frozen=True):
    """All rules."""

    data: list[TicketRuleView]


class TicketTargets(msgspec.Struct, frozen=True, kw_only=True):
    """Working minutes until a ticket should be done, by priority."""

    urgent: int
    high: int
    medium: int
    low: int


class TicketDues(msgspec.Struct, frozen=True, kw_only=True):
    """When a ticket that is opened now would be due, by priority."""

    urgent: str
    high: str
    medium: str
    low: str


def ticket(of: Ticket, now_ms: int) -> TicketView:
    """As it stands now."""
    return TicketView(**_fields(of, now_ms))


def ticket_detail(of: Ticket, events: list[TicketEvent], now_ms: int) -> TicketDetail:
    """With what happened to it."""
    return TicketDetail(**_fields(of, now_ms), events=[ticket_event(one) for one in events])


def ticket_event(of: TicketEvent) -> TicketEventView:
    """Who did what."""
    return TicketEventView(
        id=of.id, at=rfc3339(of.at_ms), actor=of.actor, actor_name=of.actor_name, kind=of.kind, detail=of.detail
    )


def ticket_rule(of: Rule) -> TicketRuleView:
    """As it was made."""
    return TicketRuleView(
        id=of.id,
        name=of.name,
        handoff_reason=of.handoff_reason,
        label=of.label,
        subject=of.subject,
        priority=of.priority,
        category=of.category,
        team_id=of.team_id,
    )


def _fields(of: Ticket, now_ms: int) -> dict[str, Any]:
    return {
        "id": of.id,
        "number": of.number,
        "subject": of.subject,
        "description": of.description,
        "status": of.status,
        "priority": of.priority,
        "category": of.category,
        "conversation_id": of.conversation_id,
        "contact_id": of.contact_id,
        "inbox_id": of.inbox_id,
        "assignee_id": of.assignee_id,
        "team_id": of.team_id,
        "opened_by": of.opened_by,
        "due_at": _moment(of.due_at_ms),
        "overdue": is_overdue(of, now_ms),
        "follow_up_at": _moment(of.follow_up_at_ms),
        "follow_up_text": of.follow_up_text,
        "created_at": rfc3339(of.created_at_ms),
        "updated_at": rfc3339(of.updated_at_ms),
        "closed_at": _moment(of.closed_at_ms),
    }


def _moment(at_ms: int) -> str | None:
    return rfc3339(at_ms) if at_ms else None
