"""One conformance suite for both databases."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import bindparam, func, select

from miaohui.kit import meta
from miaohui.kit.database import Database, Operation
from miaohui.kit.errors import Conflict

T = meta.META
INSERT = T.insert()
COUNT = select(func.count().label("n")).select_from(T).where(T.c.key.like("t%"))
FIND = select(T.c.value).where(T.c.key == bindparam("key"))
FIND_MANY = select(T.c.key).where(T.c.key.in_(bindparam("keys", expanding=True))).order_by(T.c.key)
APPEND = (
    T.update()
    .where(T.c.key == bindparam("its_key"))
    .values(value=T.c.value + bindparam("more"))
    .returning(T.c.value, T.c.key)
)


def put(key: str, value: str = "") -> Operation[str]:
    yield INSERT, {"key": key, "value": value}
    return key


def append(key: str, more: str) -> Operation[str]:
    rows = yield APPEND, {"its_key": key, "more": more}
    return str(rows[0]["value"])


async def test_what_is_written_is_there_when_the_write_returns(database: Database) -> None:
    assert await database.write(lambda: put("t1", "é秒")) == "t1"
    rows = await database.read(FIND, {"key": "t1"})
    assert rows[0]["value"] == "é秒"
    assert rows[0][0] == "é秒"


async def test_rows_come_back_from_a_writing_statement(database: Database) -> None:
    await database.write(lambda: put("t1", "a"))
    assert await database.write(lambda: append("t1", "b")) == "ab"


async def test_a_failed_operation_leaves_nothing_and_harms_no_neighbour(database: Database) -> None:
    def half() -> Operation[None]:
        yield from put("t-half")
        raise KeyError("no")

    await database.write(lambda: put("t0"))
    outcomes = await asyncio.gather(
        database.write(lambda: put("t1"), key="a"),
        database.write(half, key="a"),
        database.write(lambda: put("t0"), key="a"),
        database.write(lambda: put("t2"), key="a"),
        return_exceptions=True,
    )
    assert outcomes[0] == "t1"
    assert isinstance(outcomes[1], KeyError)
    assert isinstance(outcomes[2], Conflict)
    assert outcomes[3] == "t2"
    assert [row["key"] for row in await database.read(FIND_MANY, {"keys": ["t-half", "t0", "t1", "t2"]})] == [
        "t0",
        "t1",
        "t2",
    ]


async def test_writes_of_one_key_commit_in_the_order_of_the_calls(database: Database) -> None:
    await database.write(lambda: put("t1"), key="c")
    announced: list[str] = []
    returned = await asyncio.gather(
        *(database.write(partial(append, "t1", f"{i},"), key="c", announce=announced.append) for i in range(150))
    )
    assert announced == returned
    assert returned[-1] == "".join(f"{i}," for i in range(150))


async def test_the_announcement_comes_after_the_commit_and_before_the_return(database: Database) -> None:
    order: list[str] = []
    await database.write(lambda: put("t1"), announce=lambda key: order.append(f"announced {key}"))
    order.append("returned")
    assert order == ["announced t1", "returned"]


async def test_a_failed_write_is_not_announced(database: Database) -> None:
    announced: list[str] = []
    await database.write(lambda: put("t1"))
    with pytest.raises(Conflict):
        await database.write(lambda: put("t1"), announce=announced.append)
    assert announced == []


async def test_a_broken_announcement_fails_nobody(database: Database) -> None:
    def broken(_: str) -> None:
        raise ValueError("watcher")

    assert await database.write(lambda: put("t1"), announce=broken) == "t1"


async def test_a_write_whose_caller_gave_up_is_still_committed_once(database: Database) -> None:
    task = asyncio.create_task(database.write(lambda: put("t1"), key="k"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(lambda: put("t2"), key="k")
    assert (await database.read(COUNT))[0]["n"] == 2


async def test_an_in_list_takes_any_length(database: Database) -> None:
    for key in ("t1", "t2", "t3"):
        await database.write(partial(put, key))
    for keys in ([], ["t2"], ["t1", "t3", "t9"]):
        found = [row["key"] for row in await database.read(FIND_MANY, {"keys": keys})]
        assert found == [key for key in keys if key != "t9"]


async def test_a_value_with_sql_in_it_is_only_a_value(database: Database) -> None:
    evil = "'; DROP TABLE meta; --"
    await database.write(lambda: put("t1", evil))
    assert (await database.read(FIND, {"key": "t1"}))[0]["value"] == evil


async def test_the_epoch_stays_while_the_history_does(database: Database) -> None:
    assert database.epoch
    await database.write(lambda: put("t1"))
    assert database.epoch == database.epoch.strip() != ""
