"""Who is served and who is not, on every database and in every process."""

from __future__ import annotations

import asyncio

import pytest

from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict
from miaohui.tenants.errors import TenantSuspended
from miaohui.tenants.policy import next_standing
from miaohui.tenants.repository import StandingsRepository
from miaohui.tenants.standings import Standings
from miaohui.tenants.types import Standing, State
from miaohui.testing.clock import FakeClock


def kept_in(database: Database) -> Standings:
    return Standings(StandingsRepository(database), FakeClock())


async def test_who_is_suspended_is_refused_and_served_again_once_resumed(database: Database) -> None:
    standings = kept_in(database)
    standings.check("ten_1")
    await standings.change("ten_1", "suspended")
    with pytest.raises(TenantSuspended) as caught:
        standings.check("ten_1")
    assert (caught.value.status, caught.value.code) == (403, "tenant_suspended")
    standings.check("ten_2")
    await standings.change("ten_1", "active")
    standings.check("ten_1")
    assert (await standings.change("ten_1", "active")).version == 2, "what stands so already is not written again"


async def test_another_process_learns_of_it_at_its_next_look_and_tells_its_listeners_once(database: Database) -> None:
    here, there = kept_in(database), kept_in(database)
    told: list[tuple[str, State]] = []
    await there.refresh()
    there.on_change(lambda tenant_id, standing: told.append((tenant_id, standing.state)))
    await here.change("ten_1", "suspended")
    assert there.serves("ten_1")
    await there.refresh()
    await there.refresh()
    assert (there.serves("ten_1"), there.serves("ten_2"), told) == (False, True, [("ten_1", "suspended")])
    await here.change("ten_1", "active")
    await there.refresh()
    assert told == [("ten_1", "suspended"), ("ten_1", "active")]


async def test_of_two_who_change_it_at_once_one_is_told_of_the_other(database: Database) -> None:
    nodes = [kept_in(database), kept_in(database)]
    ends = await asyncio.gather(
        nodes[0].change("ten_1", "suspended"), nodes[1].change("ten_1", "leaving"), return_exceptions=True
    )
    assert {type(end) for end in ends} <= {Standing, Conflict}
    assert any(isinstance(end, Standing) for end in ends)
    assert not (await nodes[0].get("ten_1")).served


@pytest.mark.parametrize(
    ("now", "wanted"), [("leaving", "active"), ("leaving", "suspended"), ("gone", "active"), ("gone", "leaving")]
)
def test_who_began_to_go_does_not_come_back(now: State, wanted: State) -> None:
    with pytest.raises(Conflict) as caught:
        next_standing(Standing(state=now, version=3), wanted)
    assert caught.value.code == "tenant_leaving"


def test_every_other_way_is_open_and_staying_writes_nothing() -> None:
    ways: list[tuple[State, State]] = [("active", "suspended"), ("suspended", "active"), ("suspended", "leaving")]
    for now, wanted in ways:
        following = next_standing(Standing(state=now, version=3), wanted)
        assert following == Standing(state=wanted, version=3)
    assert next_standing(Standing(state="leaving", version=3), "leaving") is None
