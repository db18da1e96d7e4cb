"""Operators are told once, together, again when it lasts, and when it is over; and not what they wish not to hear."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from tests.support.clock import ManualClock

from miaohui.alerts import repository
from miaohui.alerts.service import LEASE_S, Alerts, Plan
from miaohui.alerts.types import Letter, Pace, Sample
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid, NotFound

PACE = Pace(every_s=15, window_s=300, holds_s=0, group_s=30, again_s=3_600)


@dataclass
class Box:
    """Where letters go."""

    name: str = "box"
    letters: list[Letter] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def tell(self, letter: Letter) -> str:
        await self.open.wait()
        self.letters.append(letter)
        return ""

    @property
    def told(self) -> list[list[tuple[str, bool]]]:
        return [[(line.code, line.firing) for line in letter.lines] for letter in self.letters]


@dataclass
class Node:
    """One node of an installation, and what its numbers are."""

    alerts: Alerts
    sampler: Numbers


class Numbers:
    """As a test sets them."""

    def __init__(self) -> None:
        self.now: dict[str, Any] = {}

    def sample(self, now_ms: int) -> Sample:
        return Sample(at_ms=now_ms, **self.now)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def box() -> Box:
    return Box()


def a_node(database: Database, clock: ManualClock, box: Box, name: str = "a", pace: Pace = PACE) -> Node:
    sampler = Numbers()
    return Node(Alerts(database, clock, sampler, [box], Plan(node=name, pace=pace, locale="en")), sampler)


async def live(clock: ManualClock, *nodes: Node, seconds: float = 60) -> None:
    for _ in range(int(seconds / 15)):
        clock.advance(15)
        for node in nodes:
            await node.alerts.step()


async def test_an_alert_and_its_recovery_are_told_once_each(database: Database, clock: ManualClock, box: Box) -> None:
    node = a_node(database, clock, box)
    await live(clock, node)
    assert box.told == []
    node.sampler.now = {"disk_bytes": 1e9}
    await live(clock, node, seconds=600)
    assert box.told == [[("disk", True)]]
    assert "Free disk: 1.0 GB < 2.0 GB" in box.letters[0].text
    node.sampler.now = {}
    await live(clock, node, seconds=600)
    assert box.told == [[("disk", True)], [("disk", False)]]
    assert box.letters[1].subject == "[Miaohui] 1 recovered: Free disk"


async def test_what_comes_together_is_told_together(database: Database, clock: ManualClock, box: Box) -> None:
    node = a_node(database, clock, box)
    node.sampler.now = {"disk_bytes": 1e9}
    await live(clock, node, seconds=15)
    node.sampler.now |= {"queue": 5_000, "keys_dead": 1}
    await live(clock, node)
    assert box.told == [[("disk", True), ("queue", True), ("key_dead", True)]]
    assert box.letters[0].subject == "[Miaohui] 3 alerts: Free disk"


async def test_of_several_nodes_one_tells_and_it_is_over_when_it_is_over_everywhere(
    database: Database, clock: ManualClock, box: Box
) -> None:
    first, second = a_node(database, clock, box, "a"), a_node(database, clock, box, "b")
    first.sampler.now = second.sampler.now = {"disk_bytes": 1e9}
    await live(clock, first, second, seconds=120)
    assert box.told == [[("disk", True)]]
    first.sampler.now = {}
    await live(clock, first, second, seconds=120)
    assert len(box.letters) == 1
    second.sampler.now = {}
    await live(clock, first, second, seconds=120)
    assert box.told[1:] == [[("disk", False)]]


async def test_a_node_that_went_away_is_no_alert_for_ever(database: Database, clock: ManualClock, box: Box) -> None:
    first, second = a_node(database, clock, box, "a"), a_node(database, clock, box, "b")
    second.sampler.now = {"disk_bytes": 1e9}
    await live(clock, first, second, seconds=120)
    await live(clock, first, seconds=300)
    assert box.told == [[("disk", True)], [("disk", False)]]


async def test_what_a_node_was_about_to_tell_when_it_died_is_told_by_another_within_a_minute(
    database: Database, clock: ManualClock, box: Box
) -> None:
    first, second = a_node(database, clock, box, "a"), a_node(database, clock, box, "b")
    first.sampler.now = second.sampler.now = {"disk_bytes": 1e9}
    await live(clock, first, second, seconds=15)
    await live(clock, second, seconds=15)
    assert box.letters == []
    await live(clock, second, seconds=30)
    assert box.told == [[("disk", True)]]
    await live(clock, second, seconds=600)
    assert len(box.letters) == 1


async def test_who_tells_for_long_is_not_taken_for_dead(database: Database, clock: ManualClock, box: Box) -> None:
    pace = msgspec.structs.replace(PACE, every_s=0.01)
    first, second = a_node(database, clock, box, "a", pace), a_node(database, clock, box, "b", pace)
    first.sampler.now = second.sampler.now = {"disk_bytes": 1e9}
    box.open.clear()
    await live(clock, first, second, seconds=30)
    telling = asyncio.create_task(live(clock, first, seconds=15))
    for _ in range(4):
        clock.advance(20)
        now_ms = clock.now_ms()
        async with asyncio.timeout(5):
            while (await repository.told(database))["disk"].lease_until_ms < now_ms + LEASE_S * 1000:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        await second.alerts.step()
    box.open.set()
    await telling
    await live(clock, first, second, seconds=60)
    assert box.told == [[("disk", True)]]


async def test_what_lasts_is_told_again_and_says_so(database: Database, clock: ManualClock, box: Box) -> None:
    node = a_node(database, clock, box)
    node.sampler.now = {"disk_bytes": 1e9}
    await live(clock, node, seconds=3 * 3_600)
    assert [[line.again for line in letter.lines] for letter in box.letters] == [[False], [True], [True]]
    assert box.letters[1].text.startswith("STILL")


async def test_a_silence_is_kept_and_ends(database: Database, clock: ManualClock, box: Box) -> None:
    node = a_node(database, clock, box)
    node.sampler.now = {"disk_bytes": 1e9, "queue": 5_000}
    silence = await node.alerts.silence("disk", 60, "a new disk comes")
    await live(clock, node, seconds=300)
    assert box.told == [[("queue", True)]]
    standings, silences = await node.alerts.standing()
    assert {one.code for one in standings if one.firing} == {"disk", "queue"}
    assert silences == [silence]
    await node.alerts.end_silence(silence.id)
    await live(clock, node)
    assert box.told[1:] == [[("disk", True)]]


async def test_a_silence_over_everything_ends_by_itself(database: Database, clock: ManualClock, box: Box) -> None:
    node = a_node(database, clock, box)
    node.sampler.now = {"disk_bytes": 1e9}
    await node.alerts.silence("", 10)
    await live(clock, node, seconds=590)
    assert box.told == []
    await live(clock, node, seconds=90)
    assert box.told == [[("disk", True)]]


async def test_a_silence_out_of_form_is_refused(database: Database, clock: ManualClock, box: Box) -> None:
    alerts = a_node(database, clock, box).alerts
    for code, minutes in (("nothing", 5.0), ("disk", 0.0), ("disk", 1e9)):
        with pytest.raises(Invalid):
            await alerts.silence(code, minutes)
    with pytest.raises(NotFound):
        await alerts.end_silence("sil_none")


async def test_people_who_wait_are_counted_from_the_records(
    sqlite_database: Database, clock: ManualClock, box: Box
) -> None:
    from sqlalchemy import insert

    from miaohui.conversations.tables import conversations
    from miaohui.kit.database import Operation

    def wait() -> Operation[None]:
        for number in range(3):
            yield (
                insert(conversations),
                {
                    "id": f"c{number}", "tenant_id": "t", "inbox_id": "i", "contact_id": "p", "status": "open",
                    "assignee_id": "agent" if number == 0 else "", "created_at_ms": 1, "updated_at_ms": 1,
                },
            )  # fmt: skip

    await sqlite_database.write(wait)
    node = a_node(sqlite_database, clock, box)
    plan = Plan(node="a", pace=PACE, thresholds=msgspec.structs.replace(Plan(node="").thresholds, queue=1), locale="en")
    alerts = Alerts(sqlite_database, clock, node.sampler, [box], plan)
    await live(clock, Node(alerts, node.sampler))
    assert box.told == [[("queue", True)]]
    assert box.letters[0].lines[0].value == 2


def spend(node: Node, **shares: float) -> None:
    async def companies() -> dict[str, float]:
        return shares

    node.alerts.companies = companies


async def test_companies_are_named_when_their_budget_is_nearly_spent_and_spent_and_when_it_is_over(
    database: Database, clock: ManualClock, box: Box
) -> None:
    node = a_node(database, clock, box)
    spend(node, spruce=0.8)
    await live(clock, node, seconds=120)
    assert box.told == [[("budget_near", True)]]
    assert "whom: spruce" in box.letters[0].text
    spend(node, spruce=1.2)
    await live(clock, node, seconds=120)
    assert box.told[1:] == [[("budget_reached", True)]]
    assert box.letters[1].lines[0].about == ("spruce",)
    spend(node)
    await live(clock, node, seconds=120)
    assert box.told[2:] == [[("budget_near", False), ("budget_reached", False)]]
    await live(clock, node, seconds=600)
    assert len(box.letters) == 3


async def test_a_further_company_is_told_of_and_so_is_who_is_left(
    database: Database, clock: ManualClock, box: Box
) -> None:
    first, second = a_node(database, clock, box, "a"), a_node(database, clock, box, "b")
    for shares in ({"spruce": 0.9}, {"spruce": 0.9, "fir": 0.85}, {"fir": 0.85}, {"fir": 0.87}):
        for node in (first, second):
            spend(node, **shares)
        await live(clock, first, second, seconds=180)
    assert [letter.lines[0].about for letter in box.letters] == [("spruce",), ("fir", "spruce"), ("fir",)]
    assert [letter.lines[0].again for letter in box.letters] == [False, True, True]
    await live(clock, first, second, seconds=600)
    assert len(box.letters) == 3


async def test_of_a_silenced_budget_nobody_is_told(database: Database, clock: ManualClock, box: Box) -> None:
    node = a_node(database, clock, box)
    spend(node, spruce=0.9)
    await live(clock, node, seconds=120)
    await node.alerts.silence("budget_near", 60)
    spend(node, spruce=0.9, fir=0.9)
    await live(clock, node, seconds=120)
    assert len(box.letters) == 1
