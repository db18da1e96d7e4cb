from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, text
from tests.support.records import run_postgres

from miaohui.kit import meta
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Operation
from miaohui.kit.errors import Unavailable
from miaohui.kit.records import RecordsOptions, open_database

pytestmark = pytest.mark.pg
FIND = select(meta.META.c.value).where(meta.META.c.key == bindparam("key"))
LONGER = (
    meta.META.update()
    .where(meta.META.c.key == bindparam("its_key"))
    .values(value=meta.META.c.value + "x")
    .returning(meta.META.c.value)
)
CUT_OFF = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'miaohui' AND datname = current_database()
"""


def put(key: str, value: str = "") -> Operation[None]:
    yield meta.INSERT, {"key": key, "value": value}


async def test_cut_connections_heal_by_themselves(postgres_url: str, tmp_path: Path) -> None:
    database = await open_database(
        postgres_url, clock=SystemClock(), data_dir=tmp_path, options=RecordsOptions(lanes=1, readers=2)
    )
    epoch = database.epoch
    await database.write(lambda: put("a", "1"))
    await database.read(FIND, {"key": "a"})
    await run_postgres(postgres_url, CUT_OFF)
    assert (await database.read(FIND, {"key": "a"}))[0]["value"] == "1"
    async with asyncio.timeout(5):
        while True:
            with contextlib.suppress(Unavailable):
                await database.write(lambda: put("b"))
                break
    assert database.epoch == epoch
    await database.close()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await open_database("postgresql://nobody@127.0.0.1:1/x", clock=SystemClock(), data_dir=tmp_path)


async def test_operations_that_lock_each_others_rows_all_get_through(postgres_url: str, tmp_path: Path) -> None:
    database = await open_database(
        postgres_url, clock=SystemClock(), data_dir=tmp_path, options=RecordsOptions(lanes=4, group_wait_ms=0)
    )

    def both(first: str, second: str) -> Operation[None]:
        yield LONGER, {"its_key": first}
        yield text("SELECT pg_sleep(0.02)"), {}
        yield LONGER, {"its_key": second}

    await asyncio.gather(database.write(lambda: put("a")), database.write(lambda: put("b")))
    await asyncio.gather(
        *(
            database.write(lambda pair=pair: both(*pair), key=f"k{number}")  # type: ignore[misc]
            for number, pair in enumerate([("a", "b"), ("b", "a")] * 2)
        )
    )
    assert (await database.read(FIND, {"key": "a"}))[0]["value"] == "xxxx"
    assert (await database.read(FIND, {"key": "b"}))[0]["value"] == "xxxx"
    await database.close()


async def test_a_cancelled_read_costs_nobody_else_their_answer(postgres_url: str, tmp_path: Path) -> None:
    database = await open_database(
        postgres_url, clock=SystemClock(), data_dir=tmp_path, options=RecordsOptions(lanes=1, readers=1)
    )
    await database.write(lambda: put("a", "1"))
    slow = asyncio.create_task(database.read(text("SELECT pg_sleep(5), 'wrong' AS value")))
    await asyncio.sleep(0.1)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert (await database.read(FIND, {"key": "a"}))[0]["value"] == "1"
    await database.close()
