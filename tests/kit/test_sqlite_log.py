"""SQLite's log of commits is folded into the file beside them, and does not grow without bound."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import bindparam, select

from miaohui.kit import meta, sqlite_log
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Operation
from miaohui.kit.records import RecordsOptions
from miaohui.kit.sqlite import SQLiteDatabase, open_sqlite
from miaohui.kit.sqlite_log import Checkpointer

FIND = select(meta.META.c.value).where(meta.META.c.key == bindparam("key"))
LENGTH = 128 << 10
WORD = "x" * 20_000


def put(key: str) -> Operation[None]:
    yield meta.INSERT, {"key": key, "value": WORD}


async def write(database: SQLiteDatabase, keys: list[str]) -> None:
    for key in keys:
        await database.write(lambda key=key: put(key))  # type: ignore[misc]


def length_of(file: Path) -> int:
    return file.stat().st_size


def log_of(file: Path) -> int:
    return length_of(file.with_name(file.name + "-wal"))


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Somebody who is at it for long, as a backup is."""
    with closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sqlite_master").fetchall()
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "miaohui.db"


@pytest_asyncio.fixture
async def database(file: Path) -> AsyncIterator[SQLiteDatabase]:
    options = RecordsOptions(readers=1, log_bytes=LENGTH)
    opened = await open_sqlite(file, clock=SystemClock(), data_dir=file.parent, options=options)
    yield opened
    await opened.close()


async def short_again(database: SQLiteDatabase, file: Path) -> None:
    async with asyncio.timeout(5):
        number = 0
        while log_of(file) > LENGTH:
            await write(database, [f"again{number}"])
            await asyncio.sleep(0.01)
            number += 1


async def test_the_log_is_folded_beside_the_commits_and_begins_anew(database: SQLiteDatabase, file: Path) -> None:
    await write(database, [f"k{number}" for number in range(200)])
    await short_again(database, file)
    assert length_of(file) > 100 * len(WORD)
    assert (await database.read(FIND, {"key": "k199"}))[0]["value"] == WORD


async def test_a_commit_folds_nothing_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Checkpointer, "note", lambda _self, _commit_s: None)
    options = RecordsOptions(readers=1, log_bytes=LENGTH)
    database = await open_sqlite(file, clock=SystemClock(), data_dir=file.parent, options=options)
    await asyncio.gather(*(write(database, [f"{part}-{number}" for number in range(50)]) for part in range(20)))
    assert log_of(file) > 20_000_000
    assert length_of(file) < LENGTH
    await database.close()


async def test_under_a_load_without_a_pause_the_log_stays_bounded(database: SQLiteDatabase, file: Path) -> None:
    longest, over = 0, asyncio.Event()

    async def watch() -> None:
        nonlocal longest
        while not over.is_set():
            longest = max(longest, log_of(file))
            await asyncio.sleep(0.002)

    watching = asyncio.ensure_future(watch())
    await asyncio.gather(*(write(database, [f"{part}-{number}" for number in range(50)]) for part in range(20)))
    over.set()
    await watching
    assert length_of(file) + log_of(file) > 20_000_000
    assert longest < 15_000_000, longest


async def test_who_reads_for_long_lets_the_log_grow_and_holds_nobody_up(database: SQLiteDatabase, file: Path) -> None:
    await write(database, ["before"])
    with reading(file):
        began = time.monotonic()
        await write(database, [f"k{number}" for number in range(200)])
        assert time.monotonic() - began < 4  # SQLite would wait for the reader as long as its busy timeout, each time
        assert log_of(file) > 200 * len(WORD)
    await write(database, [f"after{number}" for number in range(20)])
    await short_again(database, file)


async def test_what_cannot_be_folded_now_is_committed_all_the_same(
    database: SQLiteDatabase, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_connection: sqlite3.Connection, _mode: str) -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(sqlite_log, "_pass", refuse)
        await write(database, [f"k{number}" for number in range(100)])
        assert log_of(file) > 100 * len(WORD)
    await write(database, [f"after{number}" for number in range(20)])
    await short_again(database, file)


async def test_after_a_clean_stop_the_file_alone_holds_everything(file: Path) -> None:
    options = RecordsOptions(readers=1, log_bytes=LENGTH)
    database = await open_sqlite(file, clock=SystemClock(), data_dir=file.parent, options=options)
    await write(database, [f"k{number}" for number in range(30)])
    await database.close()
    assert not file.with_name(file.name + "-wal").exists()
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as alone:
        assert alone.execute("SELECT count(*) FROM meta WHERE key LIKE 'k%'").fetchone()[0] == 30


@pytest.fixture
def checkpointer(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkpointer]:
    """With a log of 5,000 bytes that should have 1,000."""
    monkeypatch.setattr(sqlite_log, "_connect", lambda _: sqlite3.connect(":memory:"))
    file.with_name(file.name + "-wal").write_bytes(bytes(5_000))
    made = Checkpointer(file, 1_000)
    yield made
    made.close()


def test_a_commit_waits_while_the_last_bit_is_folded_and_comes_next(
    checkpointer: Checkpointer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, folding, go_on = list[str](), threading.Event(), threading.Event()

    def commit(number: int) -> None:
        with checkpointer.committing():
            told.append(f"commit {number}")

    def fold(_connection: sqlite3.Connection, mode: str) -> bool:
        if mode == "PASSIVE":
            commit(1)
            return False
        told.append("folding")
        folding.set()
        assert go_on.wait(5)
        told.append("folded")
        return False

    monkeypatch.setattr(sqlite_log, "_pass", fold)
    checkpointer.start()
    checkpointer.note(0.0)
    assert folding.wait(5)
    assert checkpointer.holds
    thread = threading.Thread(target=commit, args=(2,))
    thread.start()
    thread.join(0.05)
    assert told == ["commit 1", "folding"]
    go_on.set()
    thread.join(5)
    assert told == ["commit 1", "folding", "folded", "commit 2"]


@pytest.mark.parametrize(
    ("commit_s", "commits", "modes"),
    [(0.001, 1, ["PASSIVE", "RESTART"]), (0.001, 0, ["PASSIVE"]), (0.2, 1, ["PASSIVE"])],
    ids=["quick disk", "nobody commits meanwhile", "slow disk"],
)
def test_commits_are_held_back_only_for_what_they_added_and_later_on_a_slow_disk(
    checkpointer: Checkpointer, monkeypatch: pytest.MonkeyPatch, commit_s: float, commits: int, modes: list[str]
) -> None:
    seen = list[str]()

    def fold(_connection: sqlite3.Connection, mode: str) -> bool:
        seen.append(mode)
        for _ in range(commits if mode == "PASSIVE" else 0):
            with checkpointer.committing():
                pass
        return False

    monkeypatch.setattr(sqlite_log, "_pass", fold)
    checkpointer.note(commit_s)
    checkpointer._fold()
    assert seen == modes


def test_while_readers_are_in_the_way_commits_are_not_held_back_again_at_once(
    checkpointer: Checkpointer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list[str]()

    def fold(_connection: sqlite3.Connection, mode: str) -> bool:
        seen.append(mode)
        if mode == "PASSIVE":
            with checkpointer.committing():
                pass
        return True

    monkeypatch.setattr(sqlite_log, "_pass", fold)
    checkpointer.note(0.0)
    checkpointer._fold()
    checkpointer._fold()
    assert seen == ["PASSIVE", "RESTART", "PASSIVE"]


def test_a_short_log_is_left_alone(checkpointer: Checkpointer, file: Path) -> None:
    file.with_name(file.name + "-wal").write_bytes(bytes(1_000))
    checkpointer.note(0.0)
    assert not checkpointer._wake.is_set()
    file.with_name(file.name + "-wal").write_bytes(bytes(1_001))
    checkpointer.note(0.0)
    assert checkpointer._wake.is_set()
