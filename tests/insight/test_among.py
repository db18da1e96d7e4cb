"""Figures of some conversations are those that these conversations have, in any combination, and bounded in reads."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec
import pytest
from sqlalchemy import update
from tests.desk.place import TENANT, Place
from tests.doors.building import Building
from tests.doors.test_routes import check_problem
from tests.insight.test_insight import HOUR, spend
from tests.support.clock import ManualClock

from miaohui.conversations.tables import conversations
from miaohui.conversations.types import Conversation
from miaohui.inboxes.types import Assistant
from miaohui.insight.service import Insight
from miaohui.insight.types import EVERY, Period, Wanted
from miaohui.kit.comma import BOM
from miaohui.kit.database import Database, Operation

session_loop = pytest.mark.asyncio(loop_scope="session")


class Counted:
    """A database that counts what it is asked."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def read(self, *args: Any) -> Any:
        self.reads += 1
        return await self._inner.read(*args)


async def give_to_team(database: Database, conversation: Conversation, team_id: str) -> None:
    def operation() -> Operation[None]:
        yield update(conversations).where(conversations.c.id == conversation.id).values(team_id=team_id), {}

    await database.write(operation)


async def served(place: Place, clock: ManualClock, name: str, wait_s: int) -> tuple[Conversation, str]:
    """A conversation that a new agent took after so long, and answered; and who it was."""
    agent = await place.hire(name, online=False)
    conversation = await place.queued()
    clock.advance(wait_s)
    claimed = await place.handing.claim(conversation, agent)
    await place.conversations.say(claimed, agent, "您好", f"c-{wait_s}")
    return claimed, agent.id


async def test_each_side_narrows_every_figure_to_its_conversations(database: Database) -> None:
    clock = ManualClock()
    place = Place(database, clock)
    start = clock.now_ms()
    first, first_agent = await served(place, clock, "甲", 60)
    second, second_agent = await served(place, clock, "乙", 300)
    await give_to_team(database, second, "team_1")
    await spend(database, first.id, clock.now_ms(), 300)
    await spend(database, second.id, clock.now_ms(), 100)
    await spend(database, "", clock.now_ms(), 50)
    await place.dispatch.settle()
    clock.advance(60)
    period = Period(from_ms=start - HOUR, until_ms=clock.now_ms(), step_ms=HOUR)
    inbox = await place.inboxes.get(TENANT, first.inbox_id)
    await place.inboxes.change(msgspec.structs.replace(inbox, assistant=Assistant(name="小秒")))

    async def figures(wanted: Wanted) -> tuple[int, float | None, int]:
        total = (await Insight(database, clock).over_time(TENANT, period, wanted)).total
        return total.conversations, total.first_response_s, total.cost_micro

    assert await figures(EVERY) == (2, 180, 450)
    assert await figures(Wanted(agent_id=first_agent)) == (1, 60, 300)
    assert await figures(Wanted(agent_id=second_agent)) == (1, 300, 100)
    assert await figures(Wanted(agent_id="per_nobody")) == (0, None, 0)
    assert await figures(Wanted(team_id="team_1")) == (1, 300, 100)
    assert await figures(Wanted(team_id="team_1", agent_id=first_agent)) == (0, None, 0)
    assert await figures(Wanted(inbox_id=inbox.id)) == (2, 180, 400)
    assert await figures(Wanted(channel=inbox.channel, assistant="小秒")) == (2, 180, 400)
    assert await figures(Wanted(channel="mail")) == (0, None, 0)
    assert await figures(Wanted(assistant="小杉")) == (0, None, 0)
    assert await figures(Wanted(inbox_id=inbox.id, channel="mail")) == (0, None, 0)


async def test_the_stretch_before_and_the_export_are_narrowed_alike(database: Database) -> None:
    clock = ManualClock()
    place, insight = Place(database, clock), Insight(database, clock)
    start = clock.now_ms()
    _, agent = await served(place, clock, "甲", 60)
    await served(place, clock, "乙", 60)
    await place.dispatch.settle()
    clock.advance(HOUR // 1000)
    later = Period(from_ms=clock.now_ms(), until_ms=2 * clock.now_ms() - start, step_ms=HOUR)
    assert (await insight.over_time(TENANT, later)).previous.conversations == 2
    assert (await insight.over_time(TENANT, later, Wanted(agent_id=agent))).previous.conversations == 1
    period = Period(from_ms=start, until_ms=clock.now_ms(), step_ms=HOUR)
    table = await insight.export(TENANT, period, Wanted(agent_id=agent))
    rows = list(csv.DictReader(io.StringIO(table.removeprefix(BOM))))
    assert sum(int(row["conversations"]) for row in rows) == 1


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        (EVERY, 7),
        (Wanted(inbox_id="inb_1", team_id="team_1", agent_id="per_1"), 7),
        (Wanted(channel="web", assistant="小秒"), 8),
    ],
)
async def test_however_it_is_narrowed_it_costs_so_many_reads(database: Database, wanted: Wanted, most: int) -> None:
    clock = ManualClock()
    place = Place(database, clock)
    for name in "甲乙丙":
        await served(place, clock, name, 10)
    await place.dispatch.settle()
    counted = Counted(database)
    insight = Insight(counted, clock)
    period = Period(from_ms=clock.now_ms() - HOUR, until_ms=clock.now_ms(), step_ms=HOUR)
    await insight.over_time(TENANT, period, wanted)
    assert counted.reads == most
    await insight.demand(TENANT, period, wanted)
    assert counted.reads == most + most - 3
    await insight.export(TENANT, period, wanted)
    assert counted.reads == most + most - 3, "what was just counted is not counted again"


@session_loop
async def test_rest_takes_every_side_and_refuses_what_is_none(building: Building) -> None:
    token = building.ours.agent
    everything = (await building.ask("GET", "/v1/insight/over-time", token=token)).json()["total"]["conversations"]
    assert everything >= 1
    sides = {"channel=web": True, f"inbox_id={building.ours.inbox.id}": True, "channel=mail": False}
    sides |= {"team_id=team_x": False, "assistant=x": False, "agent_id=per_x": False}
    for side, here in sides.items():
        told = await building.ask("GET", f"/v1/insight/over-time?{side}", token=token)
        assert (told.json()["total"]["conversations"] > 0) is here, side
        assert (await building.ask("GET", f"/v1/insight/demand?{side}", token=token)).status == 200
        assert (await building.ask("GET", f"/v1/insight/over-time.csv?{side}", token=token)).status == 200
    check_problem(await building.ask("GET", "/v1/insight/over-time?channel=fax", token=token), 422)
