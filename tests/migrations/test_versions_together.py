"""Tables only grow under running nodes, and a program works on the tables of the version after it."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, inspect
from tests.support.records import run_mariadb, run_postgres

from miaohui import migrations
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import Unavailable
from miaohui.kit.meta import FIND
from miaohui.kit.records import open_database
from miaohui.migrations import FLOOR, SERVES_FROM, check_version, config_for, migrate, newest_version

# Expand, then contract


class Taken(NamedTuple):
    """Something that a migration takes away."""

    since: str
    """The version from which on programs do without it."""
    why: str


FIRST_RELEASE = "0025"
"""Up to it nobody runs an earlier version whose nodes are to go on meanwhile."""
TAKEN_AWAY = {
    ("0007", "articles is gone"): Taken("0007", "before the first release; what it held is in `article_revisions`"),
    ("0007", "chunks is gone"): Taken("0007", "before the first release; what it held is in `revision_chunks`"),
    ("0025", "channel_media.body is gone"): Taken(
        "0025", "before the first release; nodes of before refuse pictures until they are replaced"
    ),
}


class Schema(NamedTuple):
    """What a program that writes rows runs into."""

    columns: dict[str, tuple[str, bool, bool]]
    """By `table.column`: its type, whether it may be empty, whether it has a value where none is given."""
    uniques: frozenset[str]


def read(connection: Connection) -> Schema:
    inspector = inspect(connection)
    columns = dict[str, tuple[str, bool, bool]]()
    uniques = set[str]()
    for table in inspector.get_table_names():
        for one in inspector.get_columns(table):
            columns[f"{table}.{one['name']}"] = (str(one["type"]), one["nullable"], one["default"] is not None)
        found = [each for each in inspector.get_indexes(table) if each["unique"]]
        lists: list[Any] = [*found, *inspector.get_unique_constraints(table)]
        uniques |= {f"{table}({', '.join(map(str, each['column_names']))})" for each in lists}
        uniques.add(f"{table}({', '.join(inspector.get_pk_constraint(table)['constrained_columns'])})")
    return Schema(columns, frozenset(uniques))


def table_of(name: str) -> str:
    return name.partition(".")[0].partition("(")[0]


def narrowed(before: Schema, after: Schema) -> list[str]:
    """What a program that knows `before` would fail at."""
    known, left = ({table_of(name) for name in schema.columns} for schema in (before, after))
    gone = before.columns.keys() - after.columns.keys()
    found = [f"{table} is gone" for table in known - left]
    found += [f"{name} is gone" for name in gone if table_of(name) in left]
    for name in after.columns.keys() & before.columns.keys():
        kind, empty, filled = after.columns[name]
        was, was_empty, was_filled = before.columns[name]
        if kind != was:
            found.append(f"{name} was {was} and is {kind}")
        if (was_empty and not empty) or (was_filled and not filled and not empty):
            found.append(f"{name} must be given")
    for name in after.columns.keys() - before.columns.keys():
        _, empty, filled = after.columns[name]
        if table_of(name) in known and not empty and not filled:
            found.append(f"{name} must be given")
    found += [f"{name} is unique" for name in after.uniques - before.uniques if table_of(name) in known]
    return sorted(found)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Schema]:
    """The tables after each migration, in their order."""
    url = f"sqlite:///{tmp_path_factory.mktemp('history') / 'miaohui.db'}"
    found = dict[str, Schema]()
    engine = create_engine(url)
    for file in sorted((Path(migrations.__file__).parent / "versions").glob("[0-9]*.py")):
        version = file.name.partition("_")[0]
        command.upgrade(config_for(url), version)
        with engine.connect() as connection:
            found[version] = read(connection)
    engine.dispose()
    return found


def test_what_a_migration_takes_from_the_version_before_it_has_a_reason(history: dict[str, Schema]) -> None:
    versions = list(history)
    taken = {
        (version, what)
        for before, version in itertools.pairwise(versions)
        for what in narrowed(history[before], history[version])
    }
    assert taken == set(TAKEN_AWAY)


def test_nothing_is_taken_away_by_the_version_that_ceases_to_use_it() -> None:
    early = [key for key, taken in TAKEN_AWAY.items() if taken.since >= key[0] > FIRST_RELEASE]
    assert early == []
    assert [key for key, taken in TAKEN_AWAY.items() if not taken.why] == []


def test_programs_that_would_miss_something_are_told_so(history: dict[str, Schema]) -> None:
    assert SERVES_FROM in history
    assert max(taken.since for taken in TAKEN_AWAY.values()) <= SERVES_FROM


WITH_NAME = {"people.id": ("TEXT", False, False), "people.name": ("TEXT", True, False)}
UNIQUE_ID = frozenset({"people(id)"})


@pytest.mark.parametrize(
    ("columns", "uniques", "what"),
    [
        ({"pets.id": ("TEXT", False, False)}, frozenset({"pets(id)"}), "people is gone"),
        ({"people.id": ("TEXT", False, False)}, UNIQUE_ID, "people.name is gone"),
        ({**WITH_NAME, "people.name": ("INTEGER", True, False)}, UNIQUE_ID, "people.name was TEXT and is INTEGER"),
        ({**WITH_NAME, "people.name": ("TEXT", False, True)}, UNIQUE_ID, "people.name must be given"),
        ({**WITH_NAME, "people.age": ("INTEGER", False, False)}, UNIQUE_ID, "people.age must be given"),
        (WITH_NAME, UNIQUE_ID | {"people(name)"}, "people(name) is unique"),
    ],
)
def test_what_an_older_program_would_fail_at_is_noticed(
    columns: dict[str, tuple[str, bool, bool]], uniques: frozenset[str], what: str
) -> None:
    assert narrowed(Schema(WITH_NAME, UNIQUE_ID), Schema(columns, uniques)) == [what]


def test_what_only_grows_is_no_fault() -> None:
    grown = {**WITH_NAME, "people.age": ("INTEGER", False, True), "people.note": ("TEXT", True, False)}
    more = {**grown, "pets.id": ("TEXT", False, False)}
    assert narrowed(Schema(WITH_NAME, UNIQUE_ID), Schema(more, UNIQUE_ID | {"pets(id)"})) == []


# On the tables of the version after


async def run(url: str, statement: str) -> None:
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(statement)
    elif url.startswith("mariadb:"):
        await run_mariadb(url, statement)
    else:
        await run_postgres(url, statement)


async def look(url: str, folder: Path, what: Callable[[Any], Any]) -> Any:
    """Ask an open database."""
    database = await open_database(url, clock=SystemClock(), data_dir=folder)
    try:
        return await what(database)
    finally:
        await database.close()


async def test_a_program_starts_on_the_tables_of_the_version_after(fresh_url: str, tmp_path: Path) -> None:
    migrate(fresh_url)
    await run(fresh_url, "UPDATE alembic_version SET version_num = '9999'")
    migrate(fresh_url)
    found = await look(fresh_url, tmp_path, lambda database: database.read(migrations._VERSION))
    assert [row[0] for row in found] == ["9999"]
    await look(fresh_url, tmp_path, check_version)


async def test_a_program_is_refused_by_tables_that_lack_what_it_needs(fresh_url: str, tmp_path: Path) -> None:
    migrate(fresh_url)
    await run(fresh_url, "UPDATE alembic_version SET version_num = '9999'")
    await run(fresh_url, f"UPDATE meta SET value = '9998' WHERE value = '{SERVES_FROM}'")
    with pytest.raises(Unavailable, match="newer than this program can work on"):
        migrate(fresh_url)
    with pytest.raises(Unavailable, match="newer than this program can work on"):
        await look(fresh_url, tmp_path, check_version)


async def test_a_restored_database_learns_again_whom_it_serves(fresh_url: str, tmp_path: Path) -> None:
    migrate(fresh_url)
    gone = "DELETE FROM meta" if fresh_url.startswith("sqlite:") else "DROP TABLE meta"
    await run(fresh_url, gone)
    migrate(fresh_url)
    told = await look(fresh_url, tmp_path, lambda database: database.read(FIND, {"key": FLOOR}))
    assert [row["value"] for row in told] == [SERVES_FROM]
    assert newest_version() >= SERVES_FROM
