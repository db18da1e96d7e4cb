from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select

from miaohui.kit import meta
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Operation
from miaohui.kit.errors import Invalid, Unavailable
from miaohui.kit.records import RecordsOptions, open_database
from miaohui.kit.sqlite import DataDamaged, SQLiteDatabase
from miaohui.kit.sqlite_file import DataInUse

FIND = select(meta.META.c.value).where(meta.META.c.key == bindparam("key"))


def put(key: str, value: str = "") -> Operation[None]:
    yield meta.INSERT, {"key": key, "value": value}


async def open_in(folder: Path, options: RecordsOptions | None = None) -> SQLiteDatabase:
    database = await open_database(
        f"sqlite:///{folder / 'miaohui.db'}", clock=SystemClock(), data_dir=folder, options=options
    )
    assert isinstance(database, SQLiteDatabase)
    return database


async def test_a_second_opening_of_the_folder_is_refused_and_says_why(tmp_path: Path) -> None:
    database = await open_in(tmp_path)
    with pytest.raises(DataInUse, match="in use by another process"):
        await open_in(tmp_path)
    await database.close()
    await (await open_in(tmp_path)).close()


async def test_one_write_over_the_limit_is_refused_and_the_others_are_not(tmp_path: Path) -> None:
    database = await open_in(tmp_path, RecordsOptions(queue_limit=2))
    outcomes = await asyncio.gather(
        *(database.write(lambda key=f"k{i}": put(key)) for i in range(3)),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert outcomes[:2] == [None, None]
    assert isinstance(outcomes[2], Unavailable)
    assert outcomes[2].code == "overloaded"
    await database.write(lambda: put("k3"))
    await database.close()


async def test_a_full_disk_stores_nothing_lets_reads_go_on_and_is_got_over(tmp_path: Path) -> None:
    database = await open_in(tmp_path)
    await database.write(lambda: put("before", "1"))
    database._writer._connection.execute("PRAGMA max_page_count=8")
    with pytest.raises(Unavailable) as caught:
        await database.write(lambda: put("big", "x" * 1_000_000))
    assert caught.value.code == "storage"
    assert (await database.read(FIND, {"key": "before"}))[0]["value"] == "1"
    assert not await database.read(FIND, {"key": "big"})
    await database.write(lambda: put("after"))
    await database.close()


async def test_a_file_put_in_its_place_is_another_history(tmp_path: Path) -> None:
    database = await open_in(tmp_path)
    epoch = database.epoch
    await database.close()
    database = await open_in(tmp_path)
    assert database.epoch == epoch
    await database.close()
    shutil.copy(tmp_path / "miaohui.db", tmp_path / "backup.db")
    (tmp_path / "backup.db").replace(tmp_path / "miaohui.db")
    database = await open_in(tmp_path)
    assert database.epoch != epoch
    await database.close()


async def test_a_file_damaged_by_an_unclean_stop_is_not_served(tmp_path: Path) -> None:
    database = await open_in(tmp_path)
    for number in range(50):
        await database.write(lambda key=f"k{number}": put(key, "x" * 2_000))  # type: ignore[misc]
    await database.close()
    file = tmp_path / "miaohui.db"
    content = bytearray(file.read_bytes())
    content[8_192 : 8_192 + 4_096] = b"\xff" * 4_096
    file.write_bytes(content)
    (tmp_path / "miaohui.db.running").touch()
    with pytest.raises((DataDamaged, sqlite3.DatabaseError)):
        await open_in(tmp_path)


async def test_what_was_committed_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    database = await open_in(tmp_path)
    await database.write(lambda: put("kept", "1"))
    copy = tmp_path / "copy"
    copy.mkdir()
    for suffix in ("", "-wal", ".running"):  # what the disk holds at this moment, without a clean close
        with contextlib.suppress(FileNotFoundError):
            shutil.copy(tmp_path / f"miaohui.db{suffix}", copy / f"miaohui.db{suffix}")
    survivor = await open_in(copy)
    assert (await survivor.read(FIND, {"key": "kept"}))[0]["value"] == "1"
    await survivor.close()
    await database.close()


async def test_after_closing_nothing_is_taken(tmp_path: Path) -> None:
    database = await open_in(tmp_path)
    waiting = asyncio.gather(*(database.write(lambda key=f"k{i}": put(key)) for i in range(5)))  # type: ignore[misc]
    await asyncio.sleep(0)
    await database.close()
    assert await waiting == [None] * 5
    with pytest.raises(Unavailable):
        await database.write(lambda: put("late"))
    with pytest.raises(Unavailable):
        await database.read(FIND, {"key": "k1"})


async def test_an_unknown_kind_of_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        await open_database("oracle://x/y", clock=SystemClock(), data_dir=tmp_path)
