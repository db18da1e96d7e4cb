"""What a database server is set to that would break a promise of ours; asked by who looks for faults, not by turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal_column, select

from miaohui.kit.sqltime import DatabaseNow

if TYPE_CHECKING:
    from sqlalchemy.sql import ColumnElement, Select

    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

_NOW = select(DatabaseNow().label("now_ms"))
_POSTGRES = {"fsync": "on", "full_page_writes": "on"}
"""Without these a crash of the machine may take acked messages, or all of them."""
_MARIADB = {"innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "1"}


async def weaknesses(database: Database, *, mariadb: bool) -> list[str]:
    """Settings of the server, such as `fsync = off`, with which a commit may be lost when its machine stops.

    Raises `Unavailable`, and what the server says where it does not let them be asked.
    """
    wanted = _MARIADB if mariadb else _POSTGRES
    row = (await database.read(_ask(tuple(wanted), mariadb=mariadb)))[0]
    return [f"{name} = {row[name]}" for name, good in wanted.items() if str(row[name]).lower() not in {good, "on"}]


def _ask(names: tuple[str, ...], *, mariadb: bool) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [
        (literal_column(f"@@{name}") if mariadb else func.current_setting(name)).label(name) for name in names
    ]
    return select(*columns)


async def skew_s(database: Database, clock: Clock) -> float:
    """By how much the server's clock is ahead of this machine's; seconds, to within the time that asking takes."""
    asked_ms = clock.now_ms()
    there_ms = (await database.read(_NOW))[0]["now_ms"]
    return float(there_ms - (asked_ms + clock.now_ms()) / 2) / 1000
