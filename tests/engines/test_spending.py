"""A budget stops what costs money, at once and for its company alone; what is free goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic import command
from tests.engines.attempts import ENTRY
from tests.engines.budgets import COST, FREE, LOCAL, OURS, PAID, THEIRS, Node, why
from tests.engines.routing import broken, described
from tests.support.clock import ManualClock

from miaohui.engines.errors import BudgetReached
from miaohui.engines.purses import DAY_MS
from miaohui.kit.database import Database
from miaohui.kit.metrics import REGISTRY
from miaohui.kit.records import open_database
from miaohui.migrations import config_for

NOON_MS = 1_799_971_200_000 // DAY_MS * DAY_MS + DAY_MS // 2
"""Of a day in the middle of a month."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON_MS)


@pytest.fixture
async def node(sqlite_database: Database, clock: ManualClock) -> AsyncIterator[Node]:
    node = Node(sqlite_database, clock)
    yield node
    await node.router.close()


async def test_once_a_budget_is_spent_the_articles_answer_and_it_is_said_why(node: Node) -> None:
    await node.put(cost_day_micro=2 * COST)
    assert await node.routes_of(2) == ["paid", "paid"]
    told = await node.ask()
    assert (why(told), told.failure) == ([("extractive", "budget_reached")], None)
    assert told.text
    assert len(node.engines["paid"].requests) == 2


async def test_another_company_and_one_without_a_budget_are_not_affected(node: Node) -> None:
    await node.put(OURS, cost_day_micro=COST)
    await node.put(THEIRS, cost_day_micro=100 * COST)
    assert await node.routes_of(2, OURS) == ["paid", "extractive"]
    assert await node.routes_of(3, THEIRS) == ["paid"] * 3
    told = await node.ask("tnt_3")
    assert why(told) == [("paid", "")]


async def test_without_any_budget_nobody_has_a_purse(node: Node) -> None:
    await node.spending.refresh()
    assert await node.routes_of(5) == ["paid"] * 5
    assert (node.spending.find(OURS), node.spending.shares()) == (None, {})
    assert await node.spent_today() == 5 * COST


@pytest.mark.parametrize(("other", "served"), [(FREE, "free"), (LOCAL, "local")])
async def test_free_and_local_routes_go_on(
    sqlite_database: Database, clock: ManualClock, other: dict[str, object], served: str
) -> None:
    node = Node(sqlite_database, clock, PAID, other)
    await node.put(cost_day_micro=COST)
    assert await node.route_of() == "paid"
    assert why(await node.ask()) == [(served, "budget_reached")]
    assert await node.route_of(grounded=False) == served


async def test_what_only_a_provider_can_answer_is_told_that_the_budget_is_used_up(node: Node) -> None:
    await node.put(cost_day_micro=COST)
    assert await node.route_of(grounded=False) == "paid"
    told = await node.ask(grounded=False)
    assert isinstance(told.failure, BudgetReached)
    assert (told.failure.code, told.pieces) == ("budget_reached", [])


async def test_a_free_route_that_fails_is_told_as_what_it_is(sqlite_database: Database, clock: ManualClock) -> None:
    node = Node(sqlite_database, clock, PAID, described("bad", tier="fallback"))
    await node.put(cost_day_micro=COST)
    await node.ask()
    node.play("bad", (broken(),))
    told = await node.ask(grounded=False)
    assert told.failure is not None
    assert told.failure.code == "transient"
    assert set(why(told)) == {("bad", "budget_reached")}


async def test_a_month_has_a_budget_of_its_own(node: Node, clock: ManualClock) -> None:
    await node.put(cost_day_micro=2 * COST, cost_month_micro=3 * COST)
    assert await node.routes_of(3) == ["paid", "paid", "extractive"]
    clock.advance(86_400)
    await node.spending.refresh()
    assert await node.routes_of(2) == ["paid", "extractive"]
    day, month = await node.spending.periods(OURS)
    assert (day.spent_micro, month.spent_micro) == (COST, 3 * COST)
    assert (day.budget_micro, month.budget_micro) == (2 * COST, 3 * COST)
    assert day.ends_at_ms < month.ends_at_ms
    clock.advance(31 * 86_400)
    await node.spending.refresh()
    assert await node.route_of() == "paid"


async def test_a_new_day_and_a_higher_budget_bring_the_provider_back(node: Node, clock: ManualClock) -> None:
    await node.put(cost_day_micro=COST)
    assert await node.routes_of(2) == ["paid", "extractive"]
    await node.put(cost_day_micro=2 * COST)
    assert await node.routes_of(2) == ["paid", "extractive"]
    clock.advance(86_400)
    assert await node.route_of() == "extractive", "the day is noticed by the next look"
    await node.spending.refresh()
    assert await node.route_of() == "paid"
    await node.put()
    assert await node.routes_of(3) == ["paid"] * 3


async def test_what_is_under_way_counts_by_what_it_may_cost(node: Node) -> None:
    await node.put(cost_day_micro=7_000)
    goes_on = asyncio.Event()
    node.play("paid", (goes_on,))
    first = asyncio.create_task(node.route_of())
    await asyncio.sleep(0)
    purse = node.spending.find(OURS)
    assert purse is not None
    assert 6_400 < purse.held < 6_500, "800 tokens of answer, at 8 each, and the prompt"
    second = asyncio.create_task(node.route_of())
    await asyncio.sleep(0)
    assert await node.route_of() == "extractive"
    goes_on.set()
    assert [await first, await second] == ["paid", "paid"]
    assert (purse.held, await node.spent_today()) == (0, 2 * COST)
    assert await node.route_of() == "paid"


async def test_of_many_at_once_no_more_begin_than_the_budget_may_bear(node: Node) -> None:
    await node.put(cost_day_micro=20_000)
    node.play("paid", (0.01,))
    routes = await asyncio.gather(*(node.route_of(turn=f"turn_{number}") for number in range(100)))
    paid = routes.count("paid")
    assert paid == 4, "three hold 19,300 of it; the fourth crosses, and is the last"
    assert await node.spent_today() == paid * COST


async def test_one_attempt_may_cross_a_budget_and_none_after_it(node: Node) -> None:
    await node.put(cost_day_micro=COST * 5 // 2)
    routes = await node.routes_of(10)
    assert routes.count("paid") == 3
    budget = COST * 5 // 2
    assert budget <= await node.spent_today() < budget + COST


@pytest.mark.parametrize("leaves", [True, False])
async def test_however_an_attempt_ends_nothing_stays_held(node: Node, leaves: bool) -> None:
    await node.put(cost_day_micro=10_000)
    node.play("paid", (asyncio.Event(),) if leaves else (broken(),))
    asking = asyncio.create_task(node.ask())
    await asyncio.sleep(0)
    purse = node.spending.find(OURS)
    assert purse is not None
    if leaves:
        assert purse.held > 0
        asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert purse.held == 0


async def test_after_a_restart_the_ledger_says_what_was_spent(database: Database, clock: ManualClock) -> None:
    before = Node(database, clock)
    await before.put(cost_day_micro=3 * COST)
    assert await before.routes_of(2) == ["paid", "paid"]
    await before.ledger.flush()
    after = Node(database, clock)
    await after.spending.refresh()
    assert await after.spent_today() == 2 * COST
    assert await after.routes_of(2) == ["paid", "extractive"]


async def test_what_died_unwritten_is_in_neither_the_ledger_nor_the_sums(
    database: Database, clock: ManualClock
) -> None:
    before = Node(database, clock)
    await before.put(cost_day_micro=3 * COST)
    await before.routes_of(1)
    await before.ledger.flush()
    await before.routes_of(1)
    after = Node(database, clock)
    await after.spending.refresh()
    totals = await after.spending._records.totals(OURS)
    assert sum(one.cost_micro for one in totals) == await after.spent_today() == COST


async def test_nodes_see_what_each_other_spent_once_it_is_written_and_read(
    database: Database, clock: ManualClock
) -> None:
    """The bound: what the other node spent since this one looked last, and what it has under way."""
    here, there = Node(database, clock), Node(database, clock)
    await here.put(cost_day_micro=4 * COST)
    await there.spending.refresh()
    assert await here.routes_of(3) == ["paid"] * 3
    assert await there.routes_of(2) == ["paid"] * 2, "not written yet"
    for node in (here, there):
        await node.ledger.flush()
    for node in (here, there):
        await node.spending.refresh()
    assert await here.route_of() == await there.route_of() == "extractive"
    spent = [await node.spent_today() for node in (here, there)]
    assert spent == [5 * COST] * 2
    assert {round(node.spending.shares()[OURS], 2) for node in (here, there)} == {1.25}


async def test_a_budget_set_at_one_node_holds_at_the_other_with_its_next_look(
    database: Database, clock: ManualClock
) -> None:
    here, there = Node(database, clock), Node(database, clock)
    await there.routes_of(2)
    await here.put(cost_day_micro=COST)
    assert await there.route_of() == "paid"
    await there.spending.refresh()
    assert await there.route_of() == "extractive"
    await here.put(cost_day_micro=0)
    await there.spending.refresh()
    assert await there.route_of() == "paid"


async def test_what_began_before_midnight_elsewhere_is_counted_to_its_day(
    database: Database, clock: ManualClock
) -> None:
    here, there = Node(database, clock), Node(database, clock)
    await there.routes_of(2)
    clock.advance(86_400)
    await here.put(cost_day_micro=COST, cost_month_micro=2 * COST)
    assert await here.route_of() == "paid"
    await there.ledger.flush()
    clock.advance(60)
    await here.spending.refresh()
    day, month = await here.spending.periods(OURS)
    assert (day.spent_micro, month.spent_micro) == (COST, 3 * COST)


async def test_the_installations_budget_holds_for_companies_that_set_none(
    sqlite_database: Database, clock: ManualClock
) -> None:
    node = Node(sqlite_database, clock, cost_day_micro=2 * COST)
    await node.spending.refresh()
    for company in (OURS, THEIRS):
        assert await node.routes_of(3, company) == ["paid", "paid", "extractive"]
    await node.put(OURS, cost_day_micro=COST)
    assert (await node.spending.periods(OURS))[0].budget_micro == COST
    assert (await node.spending.periods(THEIRS))[0].budget_micro == 2 * COST
    await node.put(OURS, cost_day_micro=0)
    assert (await node.spending.periods(OURS))[0].budget_micro == 2 * COST


async def test_who_is_near_and_who_is_beyond_is_known_by_the_part_that_is_spent(node: Node) -> None:
    await node.put(OURS, cost_day_micro=10 * COST)
    await node.put(THEIRS, cost_day_micro=COST)
    await node.routes_of(7, OURS)
    assert node.spending.shares() == {}
    await node.route_of(OURS)
    await node.route_of(THEIRS)
    assert {one: round(share, 2) for one, share in node.spending.shares().items()} == {OURS: 0.8, THEIRS: 1.0}
    await node.spending.refresh()
    counted = [REGISTRY.get_sample_value("miaohui_budget_companies", {"state": one}) for one in ("near", "reached")]
    assert counted == [1, 1]


async def test_after_a_restart_it_is_known_who_is_beyond_the_installations_budget_before_they_ask(
    sqlite_database: Database, clock: ManualClock
) -> None:
    before = Node(sqlite_database, clock, cost_day_micro=COST)
    await before.spending.refresh()
    await before.route_of()
    await before.ledger.flush()
    after = Node(sqlite_database, clock, cost_day_micro=COST)
    await after.spending.refresh()
    assert after.spending.shares() == {OURS: 1.0}


async def test_old_sums_are_forgotten_and_this_months_are_not(database: Database, clock: ManualClock) -> None:
    node = Node(database, clock)
    await node.routes_of(1)
    clock.advance(86_400)
    await node.routes_of(1)
    await node.ledger.flush()
    await node.spending._records.forget_sums(clock.now_ms() // DAY_MS)
    fresh = Node(database, clock)
    assert [one.spent_micro for one in await fresh.spending.periods(OURS)] == [COST, COST]


async def test_what_was_spent_before_there_were_budgets_counts(tmp_path: Path, clock: ManualClock) -> None:
    file = tmp_path / "before.db"
    url = f"sqlite:///{file}"
    await asyncio.to_thread(command.upgrade, config_for(url), "0026")
    names = ENTRY.__struct_fields__
    with sqlite3.connect(file) as connection:
        others: list[dict[str, Any]] = [{}, {"cost_micro": 0}, {"started_at_ms": 1}, {"tenant_id": THEIRS}]
        for number, changes in enumerate(others):
            row = {**msgspec.structs.asdict(ENTRY), "id": f"att_{number}", "started_at_ms": NOON_MS, **changes}
            places = ",".join("?" * len(names))
            connection.execute(
                f"INSERT INTO engine_attempts ({','.join(names)}) VALUES ({places})", [row[name] for name in names]
            )
    await asyncio.to_thread(command.upgrade, config_for(url), "0027")
    database = await open_database(url, clock=clock, data_dir=tmp_path)
    node = Node(database, clock)
    spent = [await node.spent_today(company) for company in (OURS, THEIRS, "tnt_3")]
    await database.close()
    assert spent == [ENTRY.cost_micro, ENTRY.cost_micro, 0]
