"""Records on a database server, of each kind: connections that are cut, rows that are wanted by two, reads given up."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import asyncmy
import pytest
from sqlalchemy import TextClause, bindparam, select, text
from tests.support.opening import opened
from tests.support.records import run_mariadb, run_postgres

from miaohui.kit import meta
from miaohui.kit.database import Operation
from miaohui.kit.errors import Unavailable
from miaohui.kit.ids import new_id

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


def asleep(url: str, seconds: float) -> TextClause:
    """A read that takes so long."""
    return text(f"SELECT {'pg_sleep' if url.startswith('postgres') else 'SLEEP'}({seconds}), 'wrong' AS value")


async def cut_off(url: str) -> None:
    """Every connection to this database."""
    if url.startswith("postgres"):
        await run_postgres(url, CUT_OFF)
        return
    for (number,) in await run_mariadb(url, "SELECT id FROM information_schema.processlist WHERE db = DATABASE()"):
        with contextlib.suppress(asyncmy.errors.MySQLError):  # the last is the asker's own, which has ended
            await run_mariadb(url, f"KILL {number}")


async def test_cut_connections_heal_by_themselves(server_url: str, tmp_path: Path) -> None:
    async with opened(server_url, tmp_path, readers=2) as database:
        epoch = database.epoch
        await database.write(lambda: put("a", "1"))
        await database.read(FIND, {"key": "a"})
        await cut_off(server_url)
        assert (await database.read(FIND, {"key": "a"}))[0]["value"] == "1"
        async with asyncio.timeout(5):
            while True:
                with contextlib.suppress(Unavailable):
                    await database.write(lambda: put("b"))
                    break
        assert database.epoch == epoch


async def test_operations_that_lock_each_others_rows_all_get_through(server_url: str, tmp_path: Path) -> None:
    def both(first: str, second: str) -> Operation[None]:
        yield LONGER, {"its_key": first}
        yield asleep(server_url, 0.02), {}
        yield LONGER, {"its_key": second}

    async with opened(server_url, tmp_path, lanes=4, group_wait_ms=0) as database:
        await asyncio.gather(database.write(lambda: put("a")), database.write(lambda: put("b")))
        await asyncio.gather(
            *(
                database.write(lambda pair=pair: both(*pair), key=f"k{number}")  # type: ignore[misc]
                for number, pair in enumerate([("a", "b"), ("b", "a")] * 2)
            )
        )
        assert [(await database.read(FIND, {"key": key}))[0]["value"] for key in "ab"] == ["xxxx", "xxxx"]


async def test_a_cancelled_read_costs_nobody_else_their_answer(server_url: str, tmp_path: Path) -> None:
    async with opened(server_url, tmp_path) as database:
        await database.write(lambda: put("a", "1"))
        slow = asyncio.create_task(database.read(asleep(server_url, 5)))
        await asyncio.sleep(0.1)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert (await database.read(FIND, {"key": "a"}))[0]["value"] == "1"


async def few_connections(url: str, most: int) -> str:
    """The same database for somebody who may hold so many connections."""
    if url.startswith("postgres"):
        name = new_id("few").lower()
        await run_postgres(url, f"CREATE ROLE {name} LOGIN CONNECTION LIMIT {most}", f"GRANT ALL ON meta TO {name}")
        return url.replace("postgres:@", f"{name}:@")
    name = new_id("few").lower()[:32]
    await run_mariadb(url, f"CREATE USER {name}@localhost WITH MAX_USER_CONNECTIONS {most}")
    await run_mariadb(url, f"GRANT ALL ON *.* TO {name}@localhost")
    return url.replace("root@", f"{name}@")


async def test_a_server_without_a_free_connection_refuses_in_time_and_is_got_over(
    server_url: str, tmp_path: Path
) -> None:
    async with opened(server_url, tmp_path):
        limited = await few_connections(server_url, 3)
    async with opened(limited, tmp_path, readers=8, lanes=2) as database:
        await database.write(lambda: put("a", "1"), key="one")
        async with asyncio.timeout(10):
            reads = [database.read(asleep(server_url, 0.5)) for _ in range(8)]
            outcomes = await asyncio.gather(*reads, return_exceptions=True)
        refused = [one for one in outcomes if isinstance(one, BaseException)]
        assert 0 < len(refused) < len(outcomes)
        assert [type(one) for one in refused] == [Unavailable] * len(refused)
        assert (await database.read(FIND, {"key": "a"}))[0]["value"] == "1"
        await database.write(lambda: put("b"), key="one")


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
async def test_a_server_that_is_not_there_is_unavailable(scheme: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        async with opened(f"{scheme}://nobody@127.0.0.1:1/x", tmp_path):
            pytest.fail("nobody listens there")
