"""Opening the records: SQLite, PostgreSQL or MariaDB, chosen by URL."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid
from miaohui.kit.writer import RecordsOptions

__all__ = ["RecordsOptions", "is_mariadb", "load_mariadb", "open_database", "sqlite_file"]

_POSTGRES = ("postgresql://", "postgres://")
_MARIADB = ("mariadb://", "mysql://", "mysql+asyncmy://")


async def open_database(url: str, *, clock: Clock, data_dir: Path, options: RecordsOptions | None = None) -> Database:
    """Open `sqlite:///folder/file.db` (relative; four slashes: absolute), `postgresql://…` or `mariadb://…`.

    A socket goes into the query: `postgresql://name@/database?host=/run/postgresql` (its folder),
    `mariadb://name@/database?unix_socket=/run/mysqld/mysqld.sock`. `data_dir` is locked for
    this process when the records are SQLite. Raises `Invalid` on another scheme, `DataInUse`, `DataDamaged`,
    `Unavailable` when the server cannot be reached.
    """
    options = options or RecordsOptions()
    file = sqlite_file(url)
    if file is not None:
        from miaohui.kit.sqlite import open_sqlite  # noqa: PLC0415  (each driver loads only when it is used)

        return await open_sqlite(file, clock=clock, data_dir=data_dir, options=options)
    if is_mariadb(url):
        on_server: Database = await load_mariadb().open_mariadb(url, options=options)
        return on_server
    from miaohui.kit.postgres import open_postgres  # noqa: PLC0415

    return await open_postgres(url, options=options)


def load_mariadb() -> ModuleType:
    """`kit.mariadb`, whose driver is optional. Raises `Invalid` when it is not installed."""
    try:
        from miaohui.kit import mariadb  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise Invalid("The driver for MariaDB is not here: pip install 'miaohui[mariadb]'.") from error
    return mariadb


def sqlite_file(url: str) -> Path | None:
    """The file that a URL names; None when it names a server. Raises `Invalid` on anything else."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    if url.startswith(_POSTGRES) or is_mariadb(url):
        return None
    raise Invalid("The database URL must begin with sqlite:///, postgresql:// or mariadb://.")


def is_mariadb(url: str) -> bool:
    """Whether it names a MariaDB server."""
    return url.startswith(_MARIADB)
