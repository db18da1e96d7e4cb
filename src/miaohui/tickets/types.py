"""A ticket, what happened to it, and what opens one by itself."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["open", "in_progress", "waiting", "done"]
"""`waiting` is for somebody outside: its clock stands still."""
Priority = Literal["low", "medium", "high", "urgent"]
EventKind = Literal["opened", "changed", "comment", "follow_up_planned", "follow_up_sent", "follow_up_dropped"]


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """Work that outlives the conversation."""

    id: str
    tenant_id: str
    number: int = 0
    """Counts in its tenant; given by the committing transaction."""
    subject: str
    description: str = ""
    status: Status = "open"
    priority: Priority = "medium"
    category: str = ""
    conversation_id: str = ""
    contact_id: str = ""
    inbox_id: str = ""
    assignee_id: str = ""
    team_id: str = ""
    opened_by: str
    """`Principal.key`, `assistant`, or `rule:<id>`."""
    rule_id: str = ""
    due_at_ms: int = 0
    """Until when it should be done; 0 while its clock stands still."""
    left_ms: int = 0
    """Working time that was left when the clock was stopped."""
    follow_up_at_ms: int = 0
    """When the contact is asked how it went; 0: not."""
    follow_up_text: str = ""
    follow_up_by: str = ""
    """Id of the person in whose name."""
    created_at_ms: int = 0
    updated_at_ms: int = 0
    closed_at_ms: int = 0


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new ticket is about."""

    subject: str
    description: str = ""
    priority: Priority = "medium"
    category: str = ""
    """Empty: by its words."""
    conversation_id: str = ""
    assignee_id: str = ""
    team_id: str = ""


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """What changes; None stays as it is."""

    subject: str | None = None
    description: str | None = None
    status: Status | None = None
    priority: Priority | None = None
    category: str | None = None
    assignee_id: str | None = None
    team_id: str | None = None


class TicketEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a ticket."""

    id: str
    tenant_id: str
    ticket_id: str
    at_ms: int
    actor: str
    actor_name: str = ""
    kind: EventKind
    detail: str = ""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets; an empty field asks for nothing."""

    status: Status | None = None
    priority: Priority | None = None
    category: str = ""
    assignee_id: str = ""
    """A person's id, or `none`."""
    team_id: str = ""
    conversation_id: str = ""
    overdue_at_ms: int = 0
    """Only those that should have been done by then."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Opens a ticket for each conversation that is handed off for that reason, or has that label."""

    id: str
    tenant_id: str
    name: str
    handoff_reason: str = ""
    label: str = ""
    subject: str
    priority: Priority = "medium"
    category: str = ""
    team_id: str = ""
    created_at_ms: int = 0
