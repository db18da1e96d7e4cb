"""Writes that can wait share the commits of those that cannot, in the order in which all were asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import select

from miaohui.kit import meta
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Operation
from miaohui.kit.records import open_database
from miaohui.kit.sqlite import SQLiteDatabase
from miaohui.kit.writer import Counter, Pace, Patience, Write

KEYS = select(meta.META.c.key, meta.META.c.value)


def some_write() -> Write:
    def nothing() -> Operation[Any]:
        yield from ()

    return Write(nothing, "", None, asyncio.get_running_loop().create_future())


async def test_a_patient_write_goes_when_its_time_is_up_and_not_before() -> None:
    gone: list[Write] = []
    write, patience = some_write(), Patience(gone.append, 0.01)
    patience.put(write)
    await asyncio.sleep(0)
    assert gone == []
    await asyncio.sleep(0.03)
    assert gone == [write]


async def test_an_urgent_write_takes_the_patient_ones_along_before_itself() -> None:
    gone: list[Write] = []
    writes, patience = [some_write() for _ in range(3)], Patience(gone.append, 60)
    for write in writes:
        patience.put(write)
    patience.end()
    assert gone == writes
    patience.end()
    assert gone == writes


def test_company_is_likely_after_many_writes_and_not_after_few() -> None:
    pace = Pace(0.005)
    pace.note(1, 10.0)
    pace.note(1, 10.5)
    assert not pace.is_busy(0.02)
    for step in range(1, 40):
        pace.note(4, 10.5 + step * 0.005)
    assert pace.is_busy(0.005)
    assert pace.is_busy(0.02)
    assert not pace.is_busy(0.0001)


async def test_under_load_the_order_of_the_calls_stays_and_closing_loses_nothing(tmp_path: Path) -> None:
    database = await open_database(
        f"sqlite:///{tmp_path / 'miaohui.db'}", clock=SystemClock(), data_dir=tmp_path, options=None
    )
    assert isinstance(database, SQLiteDatabase)
    database._pace._per_second = 1e6
    told: list[str] = []

    def put(key: str) -> Operation[str]:
        yield meta.INSERT, {"key": key, "value": ""}
        return key

    writes = [
        asyncio.ensure_future(database.write(lambda i=i: put(f"k{i}"), announce=told.append, patient=i % 3 != 0))  # type: ignore[misc]
        for i in range(50)
    ]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writes)
    assert told == [f"k{i}" for i in range(50)]
    again = await open_database(f"sqlite:///{tmp_path / 'miaohui.db'}", clock=SystemClock(), data_dir=tmp_path)
    assert {f"k{i}" for i in range(50)} <= {row["key"] for row in await again.read(KEYS)}
    await again.close()


async def test_of_a_great_group_a_few_are_told_at_a_time_in_order_and_others_get_their_turn() -> None:
    told: list[int | str] = []
    writes = [some_write() for _ in range(500)]
    for number, write in enumerate(writes):
        write.result, write.announce = number, told.append
    counter = Counter(500)
    for _ in writes:
        counter.admit()
    asyncio.get_running_loop().call_soon(told.append, "another")
    counter.deliver(writes[:300])
    counter.deliver(writes[300:])
    assert counter.pending == 0
    assert 0 < len(told) < 100
    await counter.finish()
    assert told.index("another") < 200
    assert [one for one in told if one != "another"] == list(range(500))
    assert [write.future.result() for write in writes] == list(range(500))


async def test_who_waits_is_told_after_the_announcement_of_what_they_wait_for() -> None:
    told: list[str] = []
    write = some_write()
    write.announce = lambda _: told.append("announced")
    write.future.add_done_callback(lambda _: told.append("told"))
    counter = Counter(1)
    counter.admit()
    counter.deliver([write])
    await asyncio.sleep(0)
    assert told == ["announced", "told"]


async def test_an_announcement_that_fails_takes_nothing_from_anybody() -> None:
    def fail(_result: object) -> None:
        raise ValueError

    told: list[int] = []
    writes = [some_write() for _ in range(20)]
    for number, write in enumerate(writes):
        write.result, write.announce = number, told.append
    writes[3].announce = fail
    counter = Counter(20)
    for _ in writes:
        counter.admit()
    counter.deliver(writes)
    await counter.finish()
    assert told == [number for number in range(20) if number != 3]
    assert [write.future.result() for write in writes] == list(range(20))
