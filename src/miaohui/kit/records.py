"""Opening the records: SQLite or PostgreSQL, chosen by URL."""

from __future__ import annotations

from pathlib import Path

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid
from miaohui.kit.writer import RecordsOptions

__all__ = ["RecordsOptions", "open_database", "sqlite_file"]


async def open_database(url: str, *, clock: Clock, data_dir: Path, options: RecordsOptions | None = None) -> Database:
    """Open `sqlite:///folder/file.db` (relative; four slashes: absolute) or `postgresql://…`.

    A socket folder goes into the query: `postgresql://name@/database?host=/run/postgresql`. `data_dir` is locked for
    this process when the records are SQLite. Raises `Invalid` on another scheme, `DataInUse`, `DataDamaged`,
    `Unavailable` when the server cannot be reached.
    """
    options = options or RecordsOptions()
    file = sqlite_file(url)
    if file is not None:
        from miaohui.kit.sqlite import open_sqlite  # noqa: PLC0415  (each driver loads only when it is used)

        return await open_sqlite(file, clock=clock, data_dir=data_dir, options=options)
    from miaohui.kit.postgres import open_postgres  # noqa: PLC0415

    return await open_postgres(url, options=options)


def sqlite_file(url: str) -> Path | None:
    """The file that a URL names; None when it names a PostgreSQL server. Raises `Invalid` on anything else."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        return None
    raise Invalid("The database URL must begin with sqlite:/// or postgresql://.")
