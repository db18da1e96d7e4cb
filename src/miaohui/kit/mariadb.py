"""MariaDB: how it is spoken to, and what its errors mean.

It knows no `UPDATE … RETURNING`. Here such a statement is a few, within the same transaction: the rows' keys are
locked, the rows changed, and read back. `INSERT` and `DELETE … RETURNING` it knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import asyncmy
from asyncmy.constants import CLIENT, FIELD_TYPE
from asyncmy.errors import IntegrityError, InterfaceError, MySQLError, ProgrammingError
from sqlalchemy import text
from sqlalchemy.dialects.mysql import asyncmy as asyncmy_dialect
from sqlalchemy.sql import Executable

from miaohui.kit import meta
from miaohui.kit.database import Params, Row
from miaohui.kit.errors import Conflict, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.mariadb_words import SESSION, Change, Wordings, parse_address
from miaohui.kit.server import Connection, ServerDatabase
from miaohui.kit.statements import Statements
from miaohui.kit.telemetry import get_log
from miaohui.kit.writer import RecordsOptions

_log = get_log(__name__)
logging.getLogger("asyncmy").setLevel(logging.ERROR)  # each note of the server's would be a warning

_CONNECT_S = 5
_PREPARED = 128
"""Statements that a connection keeps prepared. A server holds 16,382 for all; what goes beyond travels as text."""
_LOCK_S = 2
_HURRIED_S = 1
"""How long a lock is waited for once the group is known to meet one that is held; it counts in whole seconds."""
_OLDEST = (10, 11)
_IN_TIME = f"SET SESSION innodb_lock_wait_timeout = {_LOCK_S}, idle_transaction_timeout = 30"
_AGAIN = {1020, 1213}
"""Changed since it was read; deadlock."""
_HELD = {1205}
_CONFLICT = {1022, 1062, 1169, 1557, 1586}
"""A value that is there already; what else breaks a rule the driver knows as IntegrityError."""
_LOST = {
    *range(2000, 2060),  # the client's own: no server, no way, no answer
    1021,  # disk full
    1028, 1030,  # the storage engine
    1036, 1290, 1792, 1836,  # read only
    1037, 1038, 1041,  # no memory
    1040, 1203, 1226,  # no place
    1042, 1043, 1044, 1045, 1049, 1129, 1130, 1698,  # not let in
    1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 3024, 1969, 4031,  # cut off
}  # fmt: skip


_DURABLE = text("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit AS flushed")
_DECIMALS = (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL)


class MariaRow(tuple[Any, ...]):
    """One row: by column name or by position."""

    __slots__ = ()
    names: Mapping[str, int]

    def __getitem__(self, place: Any) -> Any:
        return tuple.__getitem__(self, self.names[place] if type(place) is str else place)

    def keys(self) -> Sequence[str]:
        """The columns' names, in their order."""
        return tuple(self.names)


class MariaWire:
    """`kit.server.Wire` over asyncmy."""

    hurry = (f"SET innodb_lock_wait_timeout = {_HURRIED_S}", "BEGIN")
    calm = (f"SET innodb_lock_wait_timeout = {_LOCK_S}",)

    def __init__(self, url: str, command_timeout_s: float) -> None:
        self._address = parse_address(url)
        self._command_timeout_s = command_timeout_s
        dialect = asyncmy_dialect.dialect(is_mariadb=True)
        dialect.server_version_info = _OLDEST
        dialect.insert_returning = dialect.delete_returning = True
        self._statements = Statements(dialect)
        self._wordings = Wordings()
        self._rows: dict[tuple[str, ...], type[MariaRow]] = {}

    async def connect(self) -> tuple[Connection, str]:
        """A new connection, and the epoch as its server has it."""
        connection = await asyncmy.connect(
            **self._address,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=_CONNECT_S,
            client_flag=CLIENT.FOUND_ROWS,
            stmt_cache_size=_PREPARED,
        )
        try:
            check_server(str(connection.get_server_info()))
            for said in (*SESSION, _IN_TIME):
                await self.execute(connection, said)
            return connection, await self._learn_epoch(connection)
        except BaseException:
            connection.close()
            raise

    async def _learn_epoch(self, connection: Connection) -> str:
        try:
            rows = await self.fetch(connection, meta.FIND, {"key": "epoch"})
        except ProgrammingError:
            await self.fetch(connection, meta.CREATE, {})
            rows = await self.fetch(connection, meta.FIND, {"key": "epoch"})
        if not rows:
            with contextlib.suppress(IntegrityError):  # two processes may come here at once
                await self.fetch(connection, meta.INSERT, {"key": "epoch", "value": new_id("epoch")})
            rows = await self.fetch(connection, meta.FIND, {"key": "epoch"})
        return meta.format_epoch(rows[0]["value"])

    async def execute(self, connection: Connection, text: str) -> None:
        """Run what has neither values nor rows."""
        async with asyncio.timeout(self._command_timeout_s):
            await connection.query(text)

    async def fetch(self, connection: Connection, statement: Executable, params: Params) -> Sequence[Row]:
        """Run one statement and take its rows."""
        worded = self._wordings.of(statement)
        if isinstance(worded, Change):
            return await self._change(connection, worded, params)
        return (await self._run(connection, worded, params))[0]

    async def _change(self, connection: Connection, change: Change, params: Params) -> Sequence[Row]:
        if change.keys is not None:
            keys, _ = await self._run(connection, change.keys, params)
            if not keys:
                return []
            params = {**params, change.bind: [key[0] if len(key) == 1 else tuple(key) for key in keys]}
        _, count = await self._run(connection, change.update, params)
        return (await self._run(connection, change.read, params))[0] if count else []

    async def _run(self, connection: Connection, statement: Executable, params: Params) -> tuple[Sequence[Row], int]:
        written, values = self._statements.bind(statement, params)
        cursor = connection.cursor()
        async with asyncio.timeout(self._command_timeout_s):
            count = await cursor.execute(written, tuple(values))
        if cursor.description is None:
            return (), count
        made = self._row_of(tuple([column[0] for column in cursor.description]))
        rows = await cursor.fetchall()
        if any(column[1] in _DECIMALS for column in cursor.description):
            return [made(map(_plain, row)) for row in rows], count
        return [made(row) for row in rows], count

    def _row_of(self, names: tuple[str, ...]) -> type[MariaRow]:
        made = self._rows.get(names)
        if made is None:
            places = {name: place for place, name in enumerate(names)}
            made = self._rows[names] = type("MariaRow", (MariaRow,), {"names": places, "__slots__": ()})
        return made

    def is_open(self, connection: Connection) -> bool:
        """Whether it may be used again."""
        return bool(connection.connected) and not connection._stream_broken  # noqa: SLF001  (`connected` notices late)

    def cut(self, connection: Connection) -> None:
        """Give it up at once."""
        connection.close()

    async def close(self, connection: Connection) -> None:
        """End it in good order."""
        with contextlib.suppress(MySQLError, OSError, TimeoutError):
            async with asyncio.timeout(_CONNECT_S):
                await connection.ensure_closed()

    def is_lost(self, error: BaseException) -> bool:
        """The server or the way to it fails."""
        if isinstance(error, MySQLError):
            return _code(error) in _LOST or isinstance(error, InterfaceError)
        return isinstance(error, OSError | TimeoutError | EOFError)

    def is_again(self, error: BaseException) -> bool:
        """A deadlock, or a row that changed since it was read."""
        return isinstance(error, MySQLError) and _code(error) in _AGAIN

    def is_held(self, error: BaseException) -> bool:
        """Somebody holds a row for longer than `innodb_lock_wait_timeout`."""
        return isinstance(error, MySQLError) and _code(error) in _HELD

    def translate(self, error: Exception) -> Exception:
        """One write's error, in our words."""
        if isinstance(error, IntegrityError) or (isinstance(error, MySQLError) and _code(error) in _CONFLICT):
            conflict = Conflict("This conflicts with what is already stored.", code="constraint")
            conflict.__cause__ = error
            return conflict
        return error


def check_server(said: str) -> None:
    """Raises `Unavailable` unless the version that a server gave is a MariaDB's that is new enough."""
    if "MariaDB" not in said:
        raise Unavailable(f"The server is MySQL {said}, which cannot keep the records; MariaDB can.", code="server")
    number = said.removeprefix("5.5.5-").partition("-")[0].split(".")
    if tuple(int(part) for part in number[:2]) < _OLDEST:
        raise Unavailable(f"MariaDB {said} is too old; 10.11 or newer is needed.", code="server")


def _code(error: BaseException) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _plain(value: Any) -> Any:
    """A sum of whole numbers is a DECIMAL there; it stays whole."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


async def check(url: str) -> None:
    """Raises `Unavailable` when the server cannot be reached, lets nobody in, or is another or too old."""
    wire = MariaWire(url, _CONNECT_S)
    try:
        connection, _ = await wire.connect()
    except Exception as error:
        if not wire.is_lost(error):
            raise
        raise Unavailable(f"The database cannot be opened: {error.args[-1]}", code="storage") from error
    await wire.close(connection)


async def open_mariadb(url: str, *, options: RecordsOptions) -> ServerDatabase:
    """Connect to the server. Raises `Unavailable` when it cannot be reached or is too old."""
    database = ServerDatabase(MariaWire(url, options.command_timeout_s), options)
    await database.start()
    if (await database.read(_DURABLE))[0][0] != 1:
        # Unlike PostgreSQL's, it cannot be asked for by a connection.
        _log.warning("records.not_durable", set="innodb_flush_log_at_trx_commit = 1")
    return database
