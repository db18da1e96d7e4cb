"""How does a database come to have today's tables?"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, column, select, table

from miaohui.kit import meta
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.locks import lock_file
from miaohui.kit.records import sqlite_file

if TYPE_CHECKING:
    from alembic.config import Config

SERVES_FROM = "0025"
"""Programs that know at least this version work on today's tables: whatever they read and write is still there.

Raised by a migration that takes something away, to the first version that did without it. It is kept in the database,
where older programs find it; see `docs/how-to/upgrade.md`.
"""
FLOOR = "tables_serve_from"
"""The key of `SERVES_FROM` in the table `meta`."""
TOO_NEW = "The tables are newer than this program can work on. Install the newer version again."

_HERE = Path(__file__).parent
_VERSION: Select[Any] = select(column("version_num")).select_from(table("alembic_version"))
_one_at_a_time = threading.Lock()  # Alembic keeps its context in module globals


def migrate(url: str) -> None:
    """Bring the database up to date, making it when it is not there. Two processes may do this at once.

    Newer tables stay as they are: a program of the version before works on them, and an upgrade may go back.
    Blocks; call it before the event loop starts, or in a thread. Raises `Unavailable` when they are too new.
    """
    file = sqlite_file(url)
    if file is not None and _is_current(file):
        return
    with _one_at_a_time, _alone(file) if file is not None else contextlib.nullcontext():
        _in_thread(url)


async def check_version(database: Database) -> None:
    """Raises `Unavailable` when the tables are older than this program, or too new for it.

    Newer ones will do: while processes are replaced one by one, the first new one migrates under the old ones.
    """
    found = {str(row[0]) for row in await database.read(_VERSION)}
    if not found or max(found) < newest_version():
        raise Unavailable("The tables are older than this program. Start it again: that brings them up to date.")
    if is_ahead(found):
        check_serves([str(row["value"]) for row in await database.read(meta.FIND, {"key": FLOOR})])


def is_ahead(found: Collection[str]) -> bool:
    """Whether tables of these versions are newer than this program."""
    return bool(found) and max(found) > newest_version()


def check_serves(floor: Collection[str]) -> None:
    """`floor` is the `SERVES_FROM` of newer tables. Raises `Unavailable` when this program is older than that."""
    if floor and max(floor) > newest_version():
        raise Unavailable(TOO_NEW)


def _is_current(file: Path) -> bool:
    """Whether a file has today's tables; asked first, because loading Alembic costs more than all else at a start."""
    if not file.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = {str(row[0]) for row in connection.execute("SELECT version_num FROM alembic_version")}
            floor = connection.execute("SELECT value FROM meta WHERE key = ?", (FLOOR,)).fetchall()
    except sqlite3.Error:
        return False
    return found == {newest_version()} and floor == [(SERVES_FROM,)]


def newest_version() -> str:
    """The last of the versions here; they are numbered in the names of their files."""
    return max(path.name for path in (_HERE / "versions").glob("[0-9]*.py")).partition("_")[0]


def config_for(url: str) -> Config:
    """Alembic's configuration for one database."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["url"] = url
    return config


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".migrate").open("a") as lock:
        lock_file(lock, wait=True)
        yield


def _in_thread(url: str) -> None:
    # asyncpg needs an event loop of its own, which a thread that runs one already cannot start.
    from alembic import command  # noqa: PLC0415

    failures: list[BaseException] = []

    def run() -> None:
        try:
            command.upgrade(config_for(url), "head")
        except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
            failures.append(error)

    thread = threading.Thread(target=run, name="migrate")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
