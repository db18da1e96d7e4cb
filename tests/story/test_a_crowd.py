"""The ladder under load: as always, then only kept answers and a small route, then a message is left; then refusal."""

from __future__ import annotations

import pytest
from tests.story.conftest import Place

from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.testing.engine import FakeEngine
from miaohui.turns.stages import LEAVE, SMALL

BOUND_S = 0.5
"""Lateness that is the whole of what a node bears."""


@pytest.mark.parametrize(("strain", "asked"), [(0.0, [""]), (SMALL - 0.01, [""]), (SMALL, ["extractive"])])
async def test_under_strain_the_small_route_is_asked_and_before_it_any(
    sqlite_database: Database, strain: float, asked: list[str]
) -> None:
    engine = FakeEngine(["好的"])
    place = Place(sqlite_database, engine, lag_s=strain * BOUND_S)
    result = await place.ask(await place.begin(), "怎么退货")
    assert result.state == "answered"
    assert [request.only for request in engine.requests] == asked


async def test_near_the_end_no_engine_is_asked_and_the_message_is_left_for_a_person(sqlite_database: Database) -> None:
    engine = FakeEngine(["好的"])
    place = Place(sqlite_database, engine, lag_s=LEAVE * BOUND_S)
    conversation = await place.begin()
    result = await place.ask(conversation, "怎么退货")
    assert (result.state, engine.requests) == ("handed_off", [])
    thread = await place.thread(conversation)
    assert thread[0].text == "怎么退货"
    assert "已经记下来了" in thread[1].text
    now = await place.repository.find(conversation.tenant_id, conversation.id)
    assert now is not None
    assert (now.status, now.handoff_reason) == ("open", "usage_limit")


async def test_past_the_end_nothing_is_taken_that_could_not_be_kept(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]), lag_s=1.01 * BOUND_S)
    conversation = await place.begin()
    with pytest.raises(Unavailable):
        await place.send(conversation, "怎么退货")
    assert await place.thread(conversation) == []
