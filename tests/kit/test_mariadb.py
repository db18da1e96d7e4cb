"""What MariaDB says otherwise, on a real server: every statement of ours, and what each must come to."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncmy
import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from structlog.testing import capture_logs
from tests.conversations.test_operations import begin, send
from tests.support.opening import opened
from tests.support.records import run_mariadb

import miaohui
from miaohui.conversations.tables import conversations, messages, turns
from miaohui.kit import mariadb, meta
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database, Operation, Params
from miaohui.kit.errors import Conflict, Invalid, Unavailable
from miaohui.kit.mariadb_words import Change, Wordings, parse_address
from miaohui.kit.records import open_database
from miaohui.kit.sqltime import DatabaseNow

pytestmark = pytest.mark.maria
FIND = select(meta.META.c.value).where(meta.META.c.key == bindparam("key"))
LONGER = (
    meta.META.update()
    .where(meta.META.c.key == bindparam("its_key"))
    .values(value=func.concat(meta.META.c.value, "x"))
    .returning(meta.META.c.value)
)
ELSEWHERE = ("miaohui.migrations", "miaohui.__main__", "miaohui.testing", "miaohui.kit.pgvector")
OF_POSTGRESQL = ".server"
"""A room's folder with what only PostgreSQL can do."""


def statements() -> Iterator[tuple[str, Executable]]:
    for module in pkgutil.walk_packages(miaohui.__path__, "miaohui."):
        if not module.name.startswith(ELSEWHERE) and OF_POSTGRESQL not in module.name:
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Executable) and hasattr(value, "compile") and hasattr(value, "get_children"):
                    yield f"{module.name}.{name}", value


def said(statement: Executable) -> str | None:
    """As the server gets it, one value in every list; None for what is only a part of a statement."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an INSERT's values come with its parameters
        compiled = statement.compile(dialect=mysql.dialect(is_mariadb=True, paramstyle="qmark"))  # type: ignore[attr-defined]
    written = re.sub(r"\(__\[POSTCOMPILE_[^]]*\]\)", "(?)", str(compiled)).lstrip()
    whole = isinstance(compiled, SQLCompiler) and written.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}
    # A list of pairs cannot be known without one.
    return written if whole and not re.search(r"\), *\w+\.\w+\) IN \(\?\)|\w\) IN \(\?\)", written) else None


async def test_every_statement_is_one_that_the_server_knows(mariadb_url: str) -> None:
    connection: Any = await asyncmy.connect(**parse_address(mariadb_url), autocommit=True)
    wordings, known, unknown = Wordings(), 0, {}
    for name, statement in statements():
        worded = wordings.of(statement)
        for one in worded[:3] if isinstance(worded, Change) else (worded,):
            if one is not None and (written := said(one)) is not None:
                try:
                    await (await connection.prepare(written)).close()
                    known += 1
                except asyncmy.errors.MySQLError as error:
                    unknown[name] = str(error)
    await connection.ensure_closed()
    assert unknown == {}
    assert known > 300


async def test_a_statement_it_does_not_know_is_refused(mariadb_url: str) -> None:
    connection: Any = await asyncmy.connect(**parse_address(mariadb_url), autocommit=True)
    with pytest.raises(asyncmy.errors.MySQLError):
        await connection.prepare("UPDATE meta SET value = ? RETURNING value")
    await connection.ensure_closed()


@pytest.fixture
async def records(mariadb_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(mariadb_url, tmp_path, readers=2) as database:
        yield database


def each(*steps: tuple[Executable, Params]) -> Operation[list[Any]]:
    rows: list[Any] = []
    for statement, params in steps:
        rows += yield statement, params
    return rows


def put(key: str, value: str = "") -> Operation[list[Any]]:
    return each((meta.INSERT, {"key": key, "value": value}))


def message(seq: int, turn_id: str, *, final: int) -> dict[str, object]:
    row = {"tenant_id": "t", "conversation_id": "c", "sender": "assistant", "sender_id": "", "kind": "text", "text": ""}
    return {**row, "id": f"m{seq}", "seq": seq, "turn_id": turn_id, "final": final, "created_at_ms": 0}


async def test_a_turn_has_one_final_message_and_as_many_others_as_it_likes(records: Database) -> None:
    for seq, (turn_id, final) in enumerate([("", 0), ("", 0), ("a", 0), ("a", 0), ("a", 1), ("b", 1)]):
        await records.write(lambda s=seq, t=turn_id, f=final: each((insert(messages), message(s, t, final=f))))  # type: ignore[misc]
    with pytest.raises(Conflict):
        await records.write(lambda: each((insert(messages), message(9, "a", final=1))))
    assert (await records.read(select(func.count()).select_from(messages)))[0][0] == 6


async def test_letters_and_spaces_are_told_apart_and_sorted_by_their_bytes(records: Database) -> None:
    keys = ["a", "A", "a ", "ä", "é", "É", "ß", "ss", "汉", "😀", "｡"]
    for key in keys:
        await records.write(lambda key=key: put(key, "'\\%s%% \0"))  # type: ignore[misc]
    rows = await records.read(select(meta.META).where(meta.META.c.key != "epoch").order_by(meta.META.c.key))
    assert [row["key"] for row in rows] == sorted(keys, key=str.encode)
    assert {row["value"] for row in rows} == {"'\\%s%% \0"}
    assert len(await records.read(FIND, {"key": "a  "})) == 0


async def test_assignments_see_the_row_as_it_was(records: Database) -> None:
    swap = (
        update(meta.META)
        .where(meta.META.c.key == bindparam("its_key"))
        .values(key=meta.META.c.value, value=meta.META.c.key)
    )
    await records.write(lambda: each((meta.INSERT, {"key": "k", "value": "v"}), (swap, {"its_key": "k"})))
    assert (await records.read(FIND, {"key": "v"}))[0]["value"] == "k"


async def test_several_changed_rows_come_back_and_none_comes_back_when_none_matched(records: Database) -> None:
    every = (
        update(meta.META).where(meta.META.c.value == bindparam("was")).values(value="new").returning(meta.META.c.key)
    )
    rows = await records.write(
        lambda: each(*((meta.INSERT, {"key": key, "value": "old"}) for key in "ab"), (every, {"was": "old"}))
    )
    assert sorted(row["key"] for row in rows) == ["a", "b"]
    assert await records.write(lambda: each((every, {"was": "old"}))) == []
    assert [row[0] for row in await records.write(lambda: each((LONGER, {"its_key": "a"})))] == ["newx"]
    assert await records.write(lambda: each((LONGER, {"its_key": "c"}))) == []


async def test_a_change_to_the_same_value_still_gives_the_row_back(records: Database) -> None:
    same = meta.META.update().where(meta.META.c.key == bindparam("its_key")).values(value="v").returning(meta.META)
    rows = await records.write(lambda: each((meta.INSERT, {"key": "k", "value": "v"}), (same, {"its_key": "k"})))
    assert [dict(row) for row in rows] == [{"key": "k", "value": "v"}]


async def test_a_sum_of_whole_numbers_is_whole_and_another_is_not(records: Database) -> None:
    row = (await records.read(text("SELECT SUM(seq) AS whole, AVG(seq) AS mean FROM (SELECT 1 seq UNION SELECT 2) n")))[
        0
    ]
    assert (row["whole"], type(row["whole"])) == (3, int)
    assert (row["mean"], type(row["mean"])) == (1.5, float)


async def test_the_clock_is_the_servers_and_tells_this_time(records: Database) -> None:
    before_ms = SystemClock().now_ms()
    row = (await records.read(select(DatabaseNow())))[0]
    assert before_ms - 1000 <= row[0] <= SystemClock().now_ms() + 1000


async def test_what_does_not_fit_its_column_is_that_writes_fault_alone(records: Database) -> None:
    writes = [records.write(lambda key=key: put(key)) for key in ("k" * 65, "good")]  # type: ignore[misc]
    failed, _ = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(failed, asyncmy.errors.MySQLError)
    assert len(await records.read(FIND, {"key": "good"})) == 1


async def test_a_database_that_is_not_there_is_unavailable(mariadb_url: str, tmp_path: Path) -> None:
    elsewhere = re.sub(r"/test\w+", "/nowhere", mariadb_url)
    with pytest.raises(Unavailable):
        await open_database(elsewhere, clock=SystemClock(), data_dir=tmp_path)


@pytest.mark.parametrize("version", ["10.11.6-MariaDB-0+deb12u1", "11.8.2-MariaDB", "5.5.5-10.11.2-MariaDB-log"])
def test_a_mariadb_that_is_new_enough_will_do(version: str) -> None:
    mariadb.check_server(version)


@pytest.mark.parametrize(
    ("version", "reason"),
    [("8.4.0", "which cannot keep"), ("10.6.12-MariaDB", "too old"), ("5.5.68-MariaDB", "too old")],
)
def test_an_older_one_and_mysql_are_refused_with_a_sentence(version: str, reason: str) -> None:
    with pytest.raises(Unavailable, match=reason):
        mariadb.check_server(version)


def test_an_address_is_read_with_its_socket_and_its_escapes() -> None:
    told = parse_address("mariadb://a%40b:p%2Fw@db.example:3307/records")
    assert told == {"user": "a@b", "password": "p/w", "host": "db.example", "port": 3307, "database": "records"}
    assert parse_address("mysql://a@/r?unix_socket=/run/s")["unix_socket"] == "/run/s"


def test_an_address_without_a_database_is_refused() -> None:
    with pytest.raises(Invalid, match="names no database"):
        parse_address("mariadb://root@localhost/")


def test_an_address_that_asks_for_what_is_not_known_is_refused() -> None:
    with pytest.raises(Invalid, match="sslmode"):
        parse_address("mariadb://root@localhost/r?sslmode=require")
    assert parse_address("mariadb://root@localhost/r?ssl_ca=/etc/ca.pem&charset=utf8mb4")["ssl"] == {
        "ca": "/etc/ca.pem"
    }


def test_tables_are_compared_by_bytes_and_made_once_only() -> None:
    dialect = mysql.dialect(is_mariadb=True)
    for table in (conversations, messages, turns):
        written = str(CreateTable(table).compile(dialect=dialect))
        assert written.strip().startswith("CREATE TABLE IF NOT EXISTS")
        assert "COLLATE utf8mb4_nopad_bin" in written
        for index in table.indexes:
            assert "IF NOT EXISTS" in str(CreateIndex(index).compile(dialect=dialect))


async def test_a_server_that_acknowledges_before_it_writes_is_warned_of(mariadb_url: str, tmp_path: Path) -> None:
    for flushed, warned in ((1, 0), (2, 1)):
        await run_mariadb(mariadb_url, f"SET GLOBAL innodb_flush_log_at_trx_commit = {flushed}")
        with capture_logs() as said:
            async with opened(mariadb_url, tmp_path):
                pass
        assert [line["event"] for line in said].count("records.not_durable") == warned


@pytest.mark.parametrize("prepared", [0, 1])
async def test_what_a_server_does_not_keep_prepared_comes_to_the_same(
    mariadb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: int
) -> None:
    monkeypatch.setattr(mariadb, "_PREPARED", prepared)
    async with opened(mariadb_url, tmp_path) as database:
        conversation = await begin(database)
        assert (await send(database, conversation, "'\\%s%% 😀", "c1")).message.seq == 1
        assert (await database.read(select(messages.c.text)))[0]["text"] == "'\\%s%% 😀"
