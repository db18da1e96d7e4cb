"""How does a database come to have today's tables?"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, column, select, table

from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.locks import lock_file
from miaohui.kit.records import sqlite_file

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent
_VERSION: Select[Any] = select(column("version_num")).select_from(table("alembic_version"))
_one_at_a_time = threading.Lock()  # Alembic keeps its context in module globals


def migrate(url: str) -> None:
    """Bring the database up to date, making it when it is not there. Two processes may do this at once.

    Blocks; call it before the event loop starts, or in a thread.
    """
    file = sqlite_file(url)
    if file is not None and _is_current(file):
        return
    with _one_at_a_time, _alone(file) if file is not None else contextlib.nullcontext():
        _in_thread(url)


async def check_version(database: Database) -> None:
    """Raises `Unavailable` when the tables are older than this program.

    Newer ones will do: while processes are replaced one by one, the first new one migrates under the old ones.
    """
    found = {str(row[0]) for row in await database.read(_VERSION)}
    if not found or max(found) < newest_version():
        raise Unavailable("The tables are older than this program. Start it again: that brings them up to date.")


def _is_current(file: Path) -> bool:
    """Whether a file has today's tables; asked first, because loading Alembic costs more than all else at a start."""
    if not file.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = {str(row[0]) for row in connection.execute("SELECT version_num FROM alembic_version")}
    except sqlite3.Error:
        return False
    return found == {newest_version()}


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
