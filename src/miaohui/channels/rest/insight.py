"""How the place is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from miaohui.channels.rest import insight_views
from miaohui.channels.rest.desk_schemas import SomeId
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.channels.rest.schemas import Stamp
from miaohui.channels.rest.stamps import parse_stamp
from miaohui.channels.rest.tickets import table_answer
from miaohui.insight.steps import Strain
from miaohui.insight.types import Period, Wanted

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.identity.types import Principal

HOUR_MS = 3_600_000
USUAL_DAYS = 7


class PeriodWanted(BaseModel):
    """Which stretch of time, in the query: the last seven days when nothing is said."""

    since: Stamp | None = None
    until: Stamp | None = None
    step: Literal["hour", "day"] = "day"
    offset_minutes: Annotated[int, Field(ge=-14 * 60, le=14 * 60)] = 0
    """Of the viewer's clock against UTC: days begin at their midnight."""
    inbox_id: SomeId = ""
    """Only this one; and so on. Calls to providers that belong to no conversation count only without any of these."""
    channel: Literal["", "web", "api", "wechat", "wecom", "telegram", "mail"] = ""
    """Inboxes of this kind of door."""
    assistant: Annotated[str, Field(max_length=40)] = ""
    """Inboxes that an assistant of this name serves."""
    team_id: SomeId = ""
    """Conversations that are for this team."""
    agent_id: SomeId = ""
    """Conversations that this agent has, or said something in."""


Asked = Annotated[PeriodWanted, Query()]


async def get_now(doors: Doors, who: Who) -> Response:
    """Conversations, queue, agents and answers under way, as they are now."""
    agents = await doors.desk.desk.list_agents(who.tenant_id)
    by_presence = [agent.presence for agent in agents]
    view = insight_views.AgentsNow(
        online=by_presence.count("online"),
        away=by_presence.count("away"),
        offline=by_presence.count("offline"),
        capacity=sum(agent.capacity for agent in agents if agent.presence == "online"),
        load=sum(agent.load for agent in agents),
    )
    return answer(insight_views.now(await doors.insight.now(who.tenant_id), view, await _strain(doors, who)))


async def get_strain(doors: Doors, who: Who) -> Response:
    """What is done without while too much is asked, since when and why, and what visitors are told."""
    return answer(await _strain(doors, who))


async def _strain(doors: Services, who: Principal) -> insight_views.StrainView:
    watch = doors.insight.strain
    held = await doors.desk.notices.list_known(who.tenant_id)
    texts = [one.texts for one in held]
    route = str(doors.settings.strained_route)
    return insight_views.strain(Strain() if watch is None else await watch.now(), route, texts)


async def get_over_time(doors: Doors, who: Who, part: Asked) -> Response:
    """Volume, first response, resolution, automation, reasons of handoffs, ratings and cost, step by step."""
    counted = await doors.insight.over_time(who.tenant_id, _period(doors, part), _wanted(part))
    return answer(insight_views.over_time(counted))


async def get_demand(doors: Doors, who: Who, part: Asked) -> Response:
    """What visitors asked about most, by the articles that answered them; the cache's share; how often 429 came."""
    return answer(insight_views.demand(await doors.insight.demand(who.tenant_id, _period(doors, part), _wanted(part))))


async def export_over_time(doors: Doors, who: Who, part: Asked) -> Response:
    """The same as a table for a spreadsheet. Nothing in it is taken for a formula."""
    table = await doors.insight.export(who.tenant_id, _period(doors, part), _wanted(part))
    return table_answer(table, "over-time.csv")


def _wanted(part: PeriodWanted) -> Wanted:
    return Wanted(
        inbox_id=part.inbox_id,
        channel=part.channel,
        assistant=part.assistant,
        team_id=part.team_id,
        agent_id=part.agent_id,
    )


def _period(doors: Doors, part: PeriodWanted) -> Period:
    step_ms = HOUR_MS if part.step == "hour" else 24 * HOUR_MS
    until_ms = parse_stamp(part.until) if part.until else doors.clock.now_ms()
    from_ms = parse_stamp(part.since) if part.since else until_ms - USUAL_DAYS * 24 * HOUR_MS
    return Period(from_ms=from_ms, until_ms=until_ms, step_ms=step_ms, offset_ms=part.offset_minutes * 60_000)
