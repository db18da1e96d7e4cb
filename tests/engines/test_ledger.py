from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.engines.attempts import ENTRY

from miaohui.engines.ledger import AttemptEntry
from miaohui.engines.ledger_records import RecordsLedger
from miaohui.engines.prices import cost_micro
from miaohui.engines.repository import EnginesRepository
from miaohui.engines.routes import Route
from miaohui.engines.types import Usage
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable


def entry(number: int, **changes: Any) -> AttemptEntry:
    return msgspec.structs.replace(ENTRY, id=f"att_{number}", **changes)


async def test_every_entry_is_written_once_however_often_it_is_sent(database: Database) -> None:
    ledger = RecordsLedger(database)
    for _ in range(2):
        for number in range(200):
            ledger.add(entry(number))
        await ledger.flush()
    (row,) = await EnginesRepository(database).totals("tnt_1")
    assert (row.route, row.outcome, row.attempts, row.input_tokens, row.cost_micro) == (
        "official",
        "winner",
        200,
        20_000,
        6_200,
    )


async def test_totals_are_of_one_tenant_and_of_one_time(sqlite_database: Database) -> None:
    ledger = RecordsLedger(sqlite_database)
    ledger.add(entry(1))
    ledger.add(entry(2, tenant_id="tnt_2"))
    ledger.add(entry(3, started_at_ms=5000, outcome="failed"))
    await ledger.flush()
    records = EnginesRepository(sqlite_database)
    assert [(row.outcome, row.attempts) for row in await records.totals("tnt_1")] == [("failed", 1), ("winner", 1)]
    assert [row.outcome for row in await records.totals("tnt_1", since_ms=2000)] == ["failed"]
    assert await records.totals("tnt_3") == []


async def test_it_writes_beside_the_turns_and_the_rest_when_it_closes(sqlite_database: Database) -> None:
    ledger = RecordsLedger(sqlite_database)
    writing = asyncio.create_task(ledger.run())
    ledger.add(entry(1))
    await asyncio.sleep(0.5)
    assert len(await EnginesRepository(sqlite_database).totals("tnt_1")) == 1
    ledger.add(entry(2))
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await ledger.close()
    assert (await EnginesRepository(sqlite_database).totals("tnt_1"))[0].attempts == 2


class Failing:
    """Records that cannot be written for a while, and may have been written all the same."""

    def __init__(self, database: Database, failures: int, *, after: bool) -> None:
        self._database, self.failures, self._after = database, failures, after
        self.epoch = database.epoch

    async def write(self, operation: Callable[[], Any], **options: Any) -> Any:
        if not self.failures:
            return await self._database.write(operation, **options)
        self.failures -= 1
        if self._after:
            await self._database.write(operation, **options)
        raise Unavailable("the disk is full")


@pytest.mark.parametrize("after", [True, False])
async def test_what_could_not_be_written_is_written_later_and_once(sqlite_database: Database, after: bool) -> None:
    ledger = RecordsLedger(Failing(sqlite_database, 2, after=after))  # type: ignore[arg-type]
    for number in range(10):
        ledger.add(entry(number))
    for _ in range(2):
        with pytest.raises(Unavailable):
            await ledger.flush()
    await ledger.close()
    assert (await EnginesRepository(sqlite_database).totals("tnt_1"))[0].attempts == 10


async def test_whatever_a_provider_calls_its_failure_the_entry_is_written(database: Database) -> None:
    ledger = RecordsLedger(database)
    ledger.add(entry(1, code="x" * 300, conversation_id="c\0" * 60))
    await ledger.flush()
    assert (await EnginesRepository(database).totals("tnt_1"))[0].attempts == 1


async def test_a_group_that_cannot_be_written_does_not_keep_the_others_waiting(database: Database) -> None:
    ledger = RecordsLedger(database)
    ledger.add(entry(1, route=None))
    await ledger.flush()
    ledger.add(entry(2))
    await ledger.flush()
    assert (await EnginesRepository(database).totals("tnt_1"))[0].attempts == 1


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        ((1_000_000, 0, 0), 2_000_000),
        ((1_000, 500, 0), 6_000),
        ((1_000, 500, 800), 4_800),
        ((0, 0, 0), 0),
        ((1, 0, 0), 2),
        ((0, 1, 5), 8),
    ],
)
def test_costs_are_whole_millionths(usage: tuple[int, int, int], cost: int) -> None:
    route = Route(name="a", base_url="u", model="m", price_in=2_000_000, price_out=8_000_000, price_cached=500_000)
    asked, said, cached = usage
    used = Usage(input_tokens=asked, output_tokens=said, estimated=False, cached_tokens=cached)
    assert cost_micro(route, used) == cost


def test_cached_input_costs_as_much_as_other_input_where_no_price_is_given() -> None:
    route = Route(name="a", base_url="u", model="m", price_in=2_000_000)
    used = Usage(input_tokens=1000, output_tokens=0, estimated=False, cached_tokens=1000)
    assert cost_micro(route, used) == 2_000
