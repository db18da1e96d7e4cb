"""While too much is asked every node says on which step of the ladder the place stands, and not a moment longer."""

from __future__ import annotations

import pytest
from tests.doors.building import Building

from miaohui.insight.repository import StrainRepository
from miaohui.insight.steps import Ladder, Load, Step, Strain, worst_of
from miaohui.insight.strain import StrainWatch
from miaohui.kit.database import Database
from miaohui.testing.clock import FakeClock

session_loop = pytest.mark.asyncio(loop_scope="session")
MARKS = (0.8, 0.97, 1.0)


@pytest.mark.parametrize(
    ("load", "step", "why"),
    [
        (Load(0.79, 0.1), "", ""),
        (Load(0.8, 0.1), "small", "turns"),
        (Load(0.1, 0.9), "small", "lag"),
        (Load(0.97, 0.1), "leave", "turns"),
        (Load(0.5, 1.3), "refuse", "lag"),
    ],
)
def test_each_step_begins_at_its_mark(load: Load, step: Step, why: str) -> None:
    strain = Ladder(MARKS).note(load, 100.0, 5_000)
    assert (strain.step, strain.why, strain.since_ms) == (step, why, 5_000 if step else 0)


def test_a_gust_is_one_strain_and_a_step_is_left_after_quiet_alone() -> None:
    ladder = Ladder(MARKS, quiet_s=10)
    seen = [
        ladder.note(Load(load, 0), float(at), at * 1000)
        for at, load in ((1, 0.9), (2, 0.98), (5, 0.1), (9, 0.85), (13, 0.1), (18, 0.1), (20, 0.1))
    ]
    assert [one.step for one in seen] == ["small", "leave", "leave", "leave", "small", "small", ""]
    assert [one.since_ms for one in seen] == [1_000, 2_000, 2_000, 2_000, 1_000, 1_000, 0]


def test_of_many_nodes_the_worst_is_told_since_its_first() -> None:
    small, leave = Strain(step="small", since_ms=1, nodes=1), Strain(step="leave", why="lag", since_ms=9, nodes=1)
    again = Strain(step="leave", since_ms=7, nodes=1)
    assert worst_of([small, leave, again, Strain()]) == Strain(step="leave", since_ms=7, nodes=3)
    assert worst_of([Strain(), Strain()]) == Strain()


def node(database: Database, name: str, clock: FakeClock) -> StrainWatch:
    return StrainWatch(StrainRepository(database), clock, name, Ladder(MARKS))


async def test_a_node_that_is_well_tells_of_one_that_is_not_until_it_is(database: Database) -> None:
    clock = FakeClock()
    busy, calm = node(database, "boot_1", clock), node(database, "boot_2", clock)
    busy.look = lambda: Load(0.98, 0.1)
    for one in (busy, calm):
        await one.step()
    assert calm.here == Strain()
    told = await calm.now()
    assert (told.step, told.why, told.nodes) == ("leave", "turns", 1)
    assert await busy.now() == told
    busy.look = lambda: Load(0.1, 0.1)
    clock.advance(11)
    await busy.step()
    assert await calm.now() == Strain()


async def test_a_node_that_fell_silent_is_strained_no_longer(database: Database) -> None:
    clock = FakeClock()
    busy, calm = node(database, "boot_1", clock), node(database, "boot_2", clock)
    busy.look = lambda: Load(0.9, 0.1)
    await busy.step()
    clock.advance(6)
    await busy.step()
    clock.advance(12)
    assert (await calm.now()).step == "small"
    clock.advance(6)
    assert await calm.now() == Strain()


@session_loop
async def test_agents_are_told_at_the_door_and_visitors_are_not(building: Building) -> None:
    watch, lag = building.house.around.insight.strain, building.house.loop_watch
    assert watch is not None
    before = watch.look
    try:
        lag.lag_s = 0.45
        assert watch.look().lag == pytest.approx(0.9)
        watch.look = lambda: Load(0.1, 0.9)
        await watch.step()
        lag.lag_s = 0.0
        told = (await building.ask("GET", "/v1/insight/strain", token=building.ours.agent)).json()
        assert {name: told[name] for name in ("step", "why", "nodes", "route", "notices")} == {
            "step": "small", "why": "lag", "nodes": 1, "route": "extractive", "notices": [],
        }  # fmt: skip
        assert told["since"]
        now = (await building.ask("GET", "/v1/insight/now", token=building.ours.agent)).json()
        assert now["strain"] == told
        assert (await building.ask("GET", "/v1/insight/strain", token=building.ours.visitor)).status == 403
    finally:
        lag.lag_s = 0.0
        watch.look = before
        watch.here = Strain()
