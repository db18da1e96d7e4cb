"""Tickets: what is still owed after the conversation."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from miaohui.channels.rest import schemas, ticket_schemas, ticket_views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.rest.stamps import parse_stamp
from miaohui.realtime.frames import rfc3339
from miaohui.tickets.types import Amendment, Filter, Opening, Rule, Ticket


async def list_tickets(doors: Doors, who: Who, part: Annotated[ticket_schemas.TicketsPart, Query()]) -> Response:
    """Tickets, the last changed first."""
    page = await doors.tickets.list_(who.tenant_id, _filter(doors, who, part), cursor=part.cursor, limit=part.limit)
    now_ms = doors.clock.now_ms()
    return answer(ticket_views.TicketPage([ticket_views.ticket(one, now_ms) for one in page.data], page.next_cursor))


async def export_tickets(doors: Doors, who: Who, part: Annotated[ticket_schemas.TicketsWanted, Query()]) -> Response:
    """The first ten thousand as a table for a spreadsheet. Nothing in it is taken for a formula."""
    table = await doors.tickets.export(who.tenant_id, _filter(doors, who, part))
    await doors.journal.audit(who, "tickets.exported", "", {})
    return table_answer(table, "tickets.csv")


async def open_ticket(form: ticket_schemas.OpenTicket, doors: Doors, who: Who) -> Response:
    """A new ticket. Its due time counts business hours only, those of the conversation's inbox."""
    opening = Opening(
        subject=form.subject,
        description=form.description,
        priority=form.priority,
        category=form.category,
        conversation_id=form.conversation_id,
        assignee_id=form.assignee_id,
        team_id=await _team(doors, who, form.team_id),
    )
    opened = await doors.tickets.open(who, opening)
    return answer(ticket_views.ticket(opened, doors.clock.now_ms()), 201, {"location": f"/v1/tickets/{opened.id}"})


async def get_ticket(ticket_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """One ticket with its history."""
    return await _shown(doors, await doors.tickets.get(who.tenant_id, ticket_id))


async def change_ticket(ticket_id: schemas.Id, form: ticket_schemas.ChangeTicket, doors: Doors, who: Who) -> Response:
    """Other words, another status, somebody else. While it is `waiting` its clock stands still."""
    if form.team_id:
        await _team(doors, who, form.team_id)
    changed = await doors.tickets.change(who, ticket_id, Amendment(**form.model_dump()))
    return await _shown(doors, changed)


async def comment_ticket(ticket_id: schemas.Id, form: ticket_schemas.Comment, doors: Doors, who: Who) -> Response:
    """Words about it, for agents."""
    return answer(ticket_views.ticket_event(await doors.tickets.comment(who, ticket_id, form.text)), 201)


async def plan_follow_up(ticket_id: schemas.Id, form: ticket_schemas.PlanFollowUp, doors: Doors, who: Who) -> Response:
    """Ask the contact at that time how it went: a message in the conversation, in my name."""
    changed = await doors.tickets.plan_follow_up(who, ticket_id, parse_stamp(form.at), form.text)
    return await _shown(doors, changed)


async def drop_follow_up(ticket_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Do not ask."""
    await doors.tickets.drop_follow_up(who, ticket_id)
    return Response(status_code=204)


async def list_rules(doors: Doors, who: Who) -> Response:
    """What opens tickets by itself."""
    rules = await doors.tickets.list_rules(who.tenant_id)
    return answer(ticket_views.TicketRuleList([ticket_views.ticket_rule(rule) for rule in rules]))


async def create_rule(form: ticket_schemas.CreateRule, doors: Doors, who: Who) -> Response:
    """A rule: every conversation that is handed off for the reason, or has the label, gets one ticket."""
    made = await doors.tickets.create_rule(await _rule(form, doors, who, ""))
    await doors.journal.audit(who, "ticket_rule.created", made.id, {"name": made.name})
    return answer(ticket_views.ticket_rule(made), 201)


async def change_rule(rule_id: schemas.Id, form: ticket_schemas.CreateRule, doors: Doors, who: Who) -> Response:
    """The rule as a whole; what it opened stays as it is."""
    changed = await doors.tickets.change_rule(await _rule(form, doors, who, rule_id))
    await doors.journal.audit(who, "ticket_rule.changed", changed.id, {"name": changed.name})
    return answer(ticket_views.ticket_rule(changed))


async def delete_rule(rule_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It opens no more; its tickets stay."""
    await doors.tickets.delete_rule(who.tenant_id, rule_id)
    await doors.journal.audit(who, "ticket_rule.deleted", rule_id, {})
    return Response(status_code=204)


async def get_targets(doors: Doors, who: Who) -> Response:
    """Working minutes until a ticket should be done."""
    return answer(ticket_views.TicketTargets(**await doors.tickets.targets(who.tenant_id)))


async def set_targets(form: ticket_schemas.SetTargets, doors: Doors, who: Who) -> Response:
    """For tickets that are opened from now on."""
    targets = await doors.tickets.set_targets(
        who.tenant_id, {"urgent": form.urgent, "high": form.high, "medium": form.medium, "low": form.low}
    )
    await doors.journal.audit(who, "ticket_targets.changed", "", form.model_dump())
    return answer(ticket_views.TicketTargets(**targets))


async def preview_targets(form: ticket_schemas.PreviewTargets, doors: Doors, who: Who) -> Response:
    """When a ticket that is opened now would be due by these targets. Nothing is kept of them."""
    if form.inbox_id:
        await doors.inboxes.get(who.tenant_id, form.inbox_id)
    due = await doors.tickets.preview(
        who.tenant_id,
        {"urgent": form.urgent, "high": form.high, "medium": form.medium, "low": form.low},
        form.inbox_id,
    )
    return answer(ticket_views.TicketDues(**{priority: rfc3339(at_ms) for priority, at_ms in due.items()}))


def table_answer(table: str, name: str) -> Response:
    """A file to keep, never shown as a page."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(table.encode(), 200, headers, media_type="text/csv; charset=utf-8")


def _filter(doors: Doors, who: Who, part: ticket_schemas.TicketsWanted) -> Filter:
    return Filter(
        status=part.status,
        priority=part.priority,
        category=part.category,
        assignee_id=who.id if part.assignee_id == "me" else part.assignee_id,
        team_id=part.team_id,
        conversation_id=part.conversation_id,
        overdue_at_ms=doors.clock.now_ms() if part.overdue else 0,
    )


async def _rule(form: ticket_schemas.CreateRule, doors: Doors, who: Who, rule_id: str) -> Rule:
    team_id = await _team(doors, who, form.team_id)
    return Rule(id=rule_id, tenant_id=who.tenant_id, **(form.model_dump() | {"team_id": team_id}))


async def _team(doors: Doors, who: Who, team_id: str) -> str:
    return (await doors.desk.desk.get_team(who.tenant_id, team_id)).id if team_id else ""


async def _shown(doors: Doors, ticket: Ticket) -> Response:
    events = await doors.tickets.events(ticket)
    return answer(ticket_views.ticket_detail(ticket, events, doors.clock.now_ms()))
