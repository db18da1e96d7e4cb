"""Old attempts become sums of their days: each attempt is counted once, wherever it stands."""

from __future__ import annotations

import msgspec
import pytest
from tests.engines.attempts import ENTRY

from miaohui.engines.accounts import Accounts
from miaohui.engines.ledger import AttemptEntry
from miaohui.engines.purses import DAY_MS
from miaohui.engines.repository import EnginesRepository, add_attempts
from miaohui.kit.database import Database
from miaohui.testing.clock import FakeClock


async def write(database: Database, *entries: AttemptEntry) -> None:
    await database.write(lambda: add_attempts(entries))


def spread(now_ms: int, days: int, each: int = 3) -> list[AttemptEntry]:
    return [
        msgspec.structs.replace(
            ENTRY,
            id=f"att_{day}_{number}",
            started_at_ms=now_ms - day * DAY_MS,
            outcome="failed" if number == 0 else "winner",
            price_version="v2" if day < 5 else "v1",
            tenant_id="tnt_2" if day == 3 and number == 1 else "tnt_1",
        )
        for day in range(days)
        for number in range(each)
    ]


async def test_folding_changes_no_sum_and_is_done_once(database: Database) -> None:
    clock = FakeClock()
    records = EnginesRepository(database)
    accounts = Accounts(records, clock, keep_days=4)
    await write(database, *spread(clock.now_ms(), 10))
    before = (await accounts.days("tnt_1", 0), await records.totals("tnt_1"), await accounts.days("tnt_2", 0))
    assert await accounts.fold() == 15
    assert await accounts.fold() == 0
    assert (await accounts.days("tnt_1", 0), await records.totals("tnt_1"), await accounts.days("tnt_2", 0)) == before
    clock.advance(86_400)
    assert await accounts.fold() == 3
    assert (await accounts.days("tnt_1", 0), await records.totals("tnt_1"), await accounts.days("tnt_2", 0)) == before


async def test_a_day_is_told_by_route_end_and_price(database: Database) -> None:
    clock = FakeClock()
    accounts = Accounts(EnginesRepository(database), clock, keep_days=1)
    await write(database, *spread(clock.now_ms(), 2), msgspec.structs.replace(ENTRY, started_at_ms=clock.now_ms()))
    await accounts.fold()
    days = await accounts.days("tnt_1", 0)
    assert [(day.outcome, day.price_version, day.attempts) for day in days[:3]] == [
        ("failed", "v2", 1),
        ("winner", "v1", 1),
        ("winner", "v2", 2),
    ]
    assert days[0].day > days[-1].day
    assert (days[2].input_tokens, days[2].cached_tokens, days[2].cost_micro) == (200, 2, 62)
    assert len(await accounts.days("tnt_1", clock.now_ms() - 1)) == 3
    assert await accounts.days("tnt_9", 0) == []


async def test_what_is_left_out_of_one_group_goes_with_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miaohui.engines.accounts._GROUP", 4)
    monkeypatch.setattr("miaohui.engines.accounts._PAUSE_S", 0.0)
    clock = FakeClock()
    records = EnginesRepository(database)
    await write(database, *spread(clock.now_ms(), 6, each=3))
    before = await records.totals("tnt_1")
    assert await Accounts(records, clock, keep_days=1).fold() == 12
    assert await records.totals("tnt_1") == before


async def test_sums_are_forgotten_after_five_years_and_no_sooner(database: Database) -> None:
    clock = FakeClock()
    records = EnginesRepository(database)
    accounts = Accounts(records, clock, keep_days=1)
    old = msgspec.structs.replace(ENTRY, started_at_ms=clock.now_ms() - 5 * 366 * DAY_MS)
    await write(
        database, old, msgspec.structs.replace(old, id="att_older", started_at_ms=old.started_at_ms - 2 * DAY_MS)
    )
    assert await accounts.fold() == 2
    assert [total.attempts for total in await records.totals("tnt_1")] == [1]
