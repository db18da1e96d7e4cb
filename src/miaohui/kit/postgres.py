"""PostgreSQL: how it is spoken to, and what its errors mean."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import asyncpg
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql import Executable

from miaohui.kit import meta
from miaohui.kit.database import Params, Row
from miaohui.kit.errors import Conflict
from miaohui.kit.ids import new_id
from miaohui.kit.server import Connection, ServerDatabase
from miaohui.kit.statements import Statements
from miaohui.kit.writer import RecordsOptions

_CONNECT_S = 5.0
_SESSION = {
    "application_name": "miaohui",
    "synchronous_commit": "on",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
    "maintenance_work_mem": "256MB",  # only taken while an index is made
}
_INCARNATION = """
    SELECT system_identifier, CASE WHEN pg_is_in_recovery() THEN NULL
        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END
    FROM pg_control_system()
"""
"""The timeline that is written now. What the control file says is that of the last checkpoint, which comes some time
after a promotion.
"""
_HURRIED_MS = 200
"""How long a lock is waited for once the group is known to meet one that is held."""
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    OSError,
    TimeoutError,
)


class PostgresWire:
    """`kit.server.Wire` over asyncpg."""

    hurry = (f"BEGIN; SET LOCAL lock_timeout = '{_HURRIED_MS}ms'",)
    calm = ()

    def __init__(self, url: str, command_timeout_s: float) -> None:
        self._url = url
        self._command_timeout_s = command_timeout_s
        self._statements = Statements(asyncpg_dialect.dialect())  # type: ignore[no-untyped-call]

    async def connect(self) -> tuple[Connection, str]:
        """A new connection, and the epoch as its server has it."""
        connection = await asyncpg.connect(
            self._url,
            timeout=_CONNECT_S,
            command_timeout=self._command_timeout_s,
            statement_cache_size=1024,
            server_settings=_SESSION,
        )
        try:
            return connection, await self._learn_epoch(connection)
        except BaseException:
            connection.terminate()  # who asked for it was cancelled: nobody else knows of it
            raise

    async def _learn_epoch(self, connection: Connection) -> str:
        if not await connection.fetchval("SELECT to_regclass('meta')"):
            # Two processes may come here at once; IF NOT EXISTS alone does not keep them apart.
            with contextlib.suppress(asyncpg.UniqueViolationError, asyncpg.DuplicateTableError):
                await self.fetch(connection, meta.CREATE, {})
        rows = await self.fetch(connection, meta.FIND, {"key": "epoch"})
        if not rows:
            with contextlib.suppress(asyncpg.UniqueViolationError):
                await self.fetch(connection, meta.INSERT, {"key": "epoch", "value": new_id("epoch")})
            rows = await self.fetch(connection, meta.FIND, {"key": "epoch"})
        stored = rows[0]["value"]
        try:
            server, timeline = await connection.fetchrow(_INCARNATION)
        except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFunctionError):
            return meta.format_epoch(stored)
        if timeline is None:
            raise ConnectionRefusedError("the server is a standby, and has not been promoted")
        return meta.format_epoch(stored, server, timeline)

    async def execute(self, connection: Connection, text: str) -> None:
        """Run what has neither values nor rows."""
        await connection.execute(text)

    async def fetch(self, connection: Connection, statement: Executable, params: Params) -> Sequence[Row]:
        """Run one statement and take its rows; its execution option `seconds` is how long it may take."""
        text, values = self._statements.bind(statement, params)
        seconds = statement.get_execution_options().get("seconds")
        rows: Sequence[Row] = await connection.fetch(text, *values, timeout=seconds)
        return rows

    def is_open(self, connection: Connection) -> bool:
        """Whether it may be used again."""
        return not connection.is_closed()

    def cut(self, connection: Connection) -> None:
        """Give it up at once."""
        connection.terminate()

    async def close(self, connection: Connection) -> None:
        """End it in good order."""
        if not connection.is_closed():
            with contextlib.suppress(*_LOST):
                await connection.close(timeout=_CONNECT_S)

    def is_lost(self, error: BaseException) -> bool:
        """The server or the way to it fails."""
        # A value that does not fit its column is an InterfaceError too, but one write's fault only.
        return isinstance(error, _LOST) and not isinstance(error, ValueError)

    def is_again(self, error: BaseException) -> bool:
        """A deadlock, or two transactions that cannot be put in order."""
        return isinstance(error, _AGAIN)

    def is_held(self, error: BaseException) -> bool:
        """Somebody holds a row for longer than `lock_timeout`."""
        return isinstance(error, asyncpg.LockNotAvailableError)

    def translate(self, error: Exception) -> Exception:
        """One write's error, in our words."""
        if isinstance(error, asyncpg.IntegrityConstraintViolationError):
            conflict = Conflict("This conflicts with what is already stored.", code="constraint")
            conflict.__cause__ = error
            return conflict
        return error


async def open_postgres(url: str, *, options: RecordsOptions) -> ServerDatabase:
    """Connect to the server. Raises `Unavailable` when it cannot be reached."""
    database = ServerDatabase(PostgresWire(url, options.command_timeout_s), options)
    await database.start()
    return database
