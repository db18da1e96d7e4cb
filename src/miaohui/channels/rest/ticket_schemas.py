"""What REST reads about tickets. Strict, as `schemas` says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from miaohui.channels.rest.desk_schemas import STORABLE, VISIBLE, SomeId
from miaohui.channels.rest.schemas import Form, Id, Stamp
from miaohui.conversations.types import HandoffReason
from miaohui.tickets.types import Priority, Status

Subject = Annotated[str, Field(min_length=1, max_length=200, pattern=VISIBLE)]
Text = Annotated[str, Field(max_length=10_000, pattern=STORABLE)]
Category = Annotated[str, Field(max_length=40, pattern=STORABLE)]
Reason = Literal["", HandoffReason]


class TicketsWanted(BaseModel):
    """Which tickets, in the query; what is not said asks for nothing."""

    status: Status | None = None
    priority: Priority | None = None
    category: Category = ""
    assignee_id: SomeId = ""
    """A person's id, `me`, or `none`."""
    team_id: SomeId = ""
    conversation_id: SomeId = ""
    overdue: bool = False
    """Only those that should have been done by now."""


class TicketsPart(TicketsWanted):
    """Which page of them."""

    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class OpenTicket(Form):
    """A new ticket."""

    subject: Subject
    description: Text = ""
    priority: Priority = "medium"
    category: Category = ""
    """Empty: by its words."""
    conversation_id: SomeId = ""
    assignee_id: SomeId = ""
    team_id: SomeId = ""


class ChangeTicket(Form):
    """What is not said stays."""

    subject: Subject | None = None
    description: Text | None = None
    status: Status | None = None
    priority: Priority | None = None
    category: Category | None = None
    assignee_id: SomeId | None = None
    team_id: SomeId | None = None


class Comment(Form):
    """Words about a ticket, for agents."""

    text: Annotated[str, Field(min_length=1, max_length=10_000, pattern=VISIBLE)]


class PlanFollowUp(Form):
    """When the contact is asked how it went, and in which words."""

    at: Stamp
    text: Annotated[str, Field(min_length=1, max_length=4_000, pattern=VISIBLE)]


class CreateRule(Form):
    """Opens a ticket for every conversation that has what it asks for."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=VISIBLE)]
    handoff_reason: Reason = ""
    label: Annotated[str, Field(max_length=40, pattern=STORABLE)] = ""
    subject: Subject
    priority: Priority = "medium"
    category: Category = ""
    team_id: SomeId = ""


class SetTargets(Form):
    """Working minutes until a ticket should be done."""

    urgent: Annotated[int, Field(ge=1, le=525_600)]
    high: Annotated[int, Field(ge=1, le=525_600)]
    medium: Annotated[int, Field(ge=1, le=525_600)]
    low: Annotated[int, Field(ge=1, le=525_600)]


class PreviewTargets(SetTargets):
    """Targets that may come to hold, and where."""

    inbox_id: SomeId = ""
    """Whose business hours count; empty: every hour does."""


__all__ = [
    "ChangeTicket",
    "Comment",
    "CreateRule",
    "Id",
    "OpenTicket",
    "PlanFollowUp",
    "PreviewTargets",
    "SetTargets",
    "TicketsPart",
    "TicketsWanted",
]
