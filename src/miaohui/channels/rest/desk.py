"""The desk: who is there, who waits, teams, canned replies, mentions, business hours."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from miaohui.channels.rest import desk_schemas, desk_views, schemas
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.desk import policy
from miaohui.desk.dispatch import seats_of
from miaohui.desk.types import InboxDesk
from miaohui.inboxes.hours import Hours, Span, is_open, next_opening
from miaohui.realtime.frames import rfc3339

Limit = Annotated[int, Query(ge=1, le=200)]
PageCursor = Annotated[str, Query(max_length=200, pattern=desk_schemas.STORABLE)]
Words = Annotated[str, Query(max_length=100, pattern=desk_schemas.STORABLE)]


async def list_agents(doors: Doors, who: Who) -> Response:
    """Everybody who may serve: presence, capacity, and how many conversations they have."""
    agents = await doors.desk.desk.list_agents(who.tenant_id)
    return answer(desk_views.AgentList([desk_views.agent(one) for one in agents]))


async def get_presence(doors: Doors, who: Who) -> Response:
    """How others see me."""
    return answer(desk_views.agent(await doors.desk.desk.get_agent(who.tenant_id, who.id)))


async def set_presence(form: desk_schemas.SetPresence, doors: Doors, who: Who) -> Response:
    """`online` is given conversations, `away` keeps its own, `offline` gives them back to the queue."""
    agent = await doors.desk.desk.set_presence(who.tenant_id, who.id, form.state)
    if form.state == "offline":
        await doors.desk.dispatch.take_back(who.tenant_id)
        agent = await doors.desk.desk.get_agent(who.tenant_id, who.id)
    return answer(desk_views.agent(agent))


async def set_abilities(person_id: schemas.Id, form: desk_schemas.SetAbilities, doors: Doors, who: Who) -> Response:
    """How many conversations an agent has at a time, and which."""
    agent = await doors.desk.desk.set_abilities(who.tenant_id, person_id, form.capacity, form.skills, form.languages)
    await doors.journal.audit(who, "agent.changed", person_id, {"capacity": form.capacity})
    return answer(desk_views.agent(agent))


async def list_teams(doors: Doors, who: Who) -> Response:
    """All teams, with their members."""
    teams = await doors.desk.desk.list_teams(who.tenant_id)
    return answer(desk_views.TeamList([desk_views.team(one) for one in teams]))


async def create_team(form: desk_schemas.CreateTeam, doors: Doors, who: Who) -> Response:
    """A new team."""
    team = await doors.desk.desk.create_team(who.tenant_id, form.name, form.members)
    await doors.journal.audit(who, "team.created", team.id, {"name": team.name})
    return answer(desk_views.team(team), 201)


async def change_team(team_id: schemas.Id, form: desk_schemas.ChangeTeam, doors: Doors, who: Who) -> Response:
    """Another name, other members."""
    team = await doors.desk.desk.change_team(who.tenant_id, team_id, form.name, form.members)
    await doors.journal.audit(who, "team.changed", team.id, {"name": team.name})
    return answer(desk_views.team(team))


async def delete_team(team_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Its conversations are then for everybody."""
    await doors.desk.desk.delete_team(who.tenant_id, team_id)
    await doors.journal.audit(who, "team.deleted", team_id, {})
    return Response(status_code=204)


async def list_queue(doors: Doors, who: Who) -> Response:
    """Who waits, in the order in which they will be served."""
    repository = doors.desk.dispatch.repository
    waiting = {one.conversation_id: one for one in await repository.list_waiting(who.tenant_id)}
    seats = seats_of(await doors.desk.desk.list_agents(who.tenant_id))
    stint_s = policy.usual_stint_s(await repository.stint_lengths_s(who.tenant_id))
    in_order = sorted(waiting.values(), key=policy.turn_at)
    places = {one.conversation_id: one for one in policy.places(in_order, seats, stint_s)}
    data = [
        desk_views.WaitingView(
            conversation_id=one.conversation_id,
            position=places[one.conversation_id].position,
            estimate_s=places[one.conversation_id].estimate_s,
            queued_at=rfc3339(one.queued_at_ms),
            team_id=one.team_id,
            priority=one.priority,
            language=one.language,
            sentiment=one.sentiment,
            vip=one.vip,
        )
        for one in in_order
    ]
    return answer(desk_views.QueueView(data))


async def list_replies(doors: Doors, who: Who, q: Words = "", cursor: PageCursor = "", limit: Limit = 50) -> Response:
    """Canned replies whose code or text holds the words, by code."""
    found = await doors.desk.notebook.search(who.tenant_id, q, after=cursor, limit=limit + 1)
    more = found[limit - 1].short_code if len(found) > limit else ""
    return answer(desk_views.ReplyList([desk_views.reply(one) for one in found[:limit]], more))


async def create_reply(form: desk_schemas.WriteReply, doors: Doors, who: Who) -> Response:
    """A new canned reply. It is told as it stands: nothing in it is filled in."""
    reply = await doors.desk.notebook.create(who, form.short_code, form.text)
    return answer(desk_views.reply(reply), 201)


async def change_reply(reply_id: schemas.Id, form: desk_schemas.WriteReply, doors: Doors, who: Who) -> Response:
    """Another code, other words."""
    reply = await doors.desk.notebook.change(who.tenant_id, reply_id, form.short_code, form.text)
    return answer(desk_views.reply(reply))


async def delete_reply(reply_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It is gone; what was said with it stays."""
    await doors.desk.notebook.delete(who.tenant_id, reply_id)
    return Response(status_code=204)


async def list_mentions(doors: Doors, who: Who, cursor: PageCursor = "", limit: Limit = 50) -> Response:
    """Notes that name me, the last first."""
    page = await doors.desk.notebook.mentions(who, cursor=cursor, limit=limit)
    return answer(desk_views.MentionPage([desk_views.mention(one) for one in page.data], page.next_cursor))


async def see_mentions(form: desk_schemas.SeenMentions, doors: Doors, who: Who) -> Response:
    """I have read the notes of this conversation."""
    conversation = await doors.conversations.access(who, form.conversation_id)
    await doors.desk.notebook.see_mentions(who, conversation.id)
    return Response(status_code=204)


async def get_hours(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """When an inbox is attended, and whether it is now."""
    await doors.inboxes.get(who.tenant_id, inbox_id)
    return await _hours(inbox_id, doors, who)


async def set_hours(inbox_id: schemas.Id, form: desk_schemas.SetHours, doors: Doors, who: Who) -> Response:
    """Business hours, holidays, and what visitors are told outside them."""
    hours = Hours(
        timezone=form.timezone,
        week=tuple(tuple(Span(span.start, span.end) for span in day) for day in form.week),
        holidays={day: tuple(Span(span.start, span.end) for span in spans) for day, spans in form.holidays.items()},
        away={locale: text for locale, text in form.away.items() if text.strip()},
    )
    await doors.inboxes.set_hours(who.tenant_id, inbox_id, hours)
    await doors.journal.audit(who, "inbox.hours_changed", inbox_id, {"timezone": form.timezone})
    return await _hours(inbox_id, doors, who)


async def delete_hours(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It is attended always."""
    await doors.inboxes.set_hours(who.tenant_id, inbox_id, None)
    await doors.journal.audit(who, "inbox.hours_changed", inbox_id, {})
    return Response(status_code=204)


async def get_inbox_desk(inbox_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """Who serves an inbox, and how they are chosen."""
    return answer(desk_views.inbox_desk(await doors.desk.desk.inbox_desk(who.tenant_id, inbox_id)))


async def set_inbox_desk(inbox_id: schemas.Id, form: desk_schemas.SetInboxDesk, doors: Doors, who: Who) -> Response:
    """Another team, other skills, another way to choose."""
    wanted = InboxDesk(inbox_id=inbox_id, team_id=form.team_id, skills=tuple(form.skills), strategy=form.strategy)
    changed = await doors.desk.desk.set_inbox_desk(who.tenant_id, wanted)
    await doors.journal.audit(who, "inbox.desk_changed", inbox_id, {"team": form.team_id, "strategy": form.strategy})
    return answer(desk_views.inbox_desk(changed))


async def _hours(inbox_id: str, doors: Doors, who: Who) -> Response:
    hours = await doors.inboxes.hours_of(who.tenant_id, inbox_id)
    now_ms = doors.clock.now_ms()
    opens_at_ms = next_opening(hours, now_ms)
    return answer(desk_views.hours(hours, open_now=is_open(hours, now_ms), opens_at_ms=opens_at_ms))
