"""A company that is suspended: what is being said stops, what stands in line ends, nothing more comes in."""

from __future__ import annotations

import asyncio

import pytest
from tests.story.conftest import TENANT, Place

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.tenants.errors import TenantSuspended
from miaohui.tenants.repository import StandingsRepository
from miaohui.tenants.standings import Standings
from miaohui.testing.engine import FakeEngine


def heeding(place: Place) -> Standings:
    standings = Standings(StandingsRepository(place.database), SystemClock())
    place.turns.standings = standings
    standings.on_shut(place.turns.show_out)
    return standings


async def test_after_a_suspension_in_mid_stream_not_one_word_lands(sqlite_database: Database) -> None:
    go_on = asyncio.Event()
    place = Place(sqlite_database, FakeEngine(["您好", go_on, "这句不能出现"]))
    standings = heeding(place)
    conversation = await place.begin()
    screen = await place.watch(conversation)
    streaming = asyncio.Event()
    screen.on = lambda frame: streaming.set() if frame["t"] == "stream.delta" else None
    first = await place.send(conversation, "第一问")
    second = await place.send(conversation, "第二问")
    await streaming.wait()
    await standings.change(TENANT, "suspended")
    go_on.set()
    for accepted in (first, second):
        result = await place.turns.follow(TENANT, accepted.turn.id)
        assert (result.state, result.reason, result.message) == ("superseded", "suspended", None)
    assert [message.sender for message in await place.thread(conversation)] == ["visitor", "visitor"]
    assert "这句不能出现" not in screen.streamed()
    assert place.engine.closed_early == 1
    assert len(place.engine.requests) == 1, "what stood in line never reached an engine"


async def test_nothing_is_accepted_while_suspended_and_all_goes_on_afterwards(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]))
    standings = heeding(place)
    conversation = await place.begin()
    await standings.change(TENANT, "suspended")
    with pytest.raises(TenantSuspended):
        await place.send(conversation, "在吗")
    assert await place.thread(conversation) == []
    await standings.change(TENANT, "active")
    assert (await place.ask(conversation, "在吗")).state == "answered"


async def test_who_else_is_suspended_is_of_no_matter(sqlite_database: Database) -> None:
    go_on = asyncio.Event()
    place = Place(sqlite_database, FakeEngine(["您", go_on, "好"]))
    standings = heeding(place)
    conversation = await place.begin()
    accepted = await place.send(conversation, "你好")
    await standings.change("ten_other", "suspended")
    go_on.set()
    result = await place.turns.follow(TENANT, accepted.turn.id)
    assert result.state == "answered"
