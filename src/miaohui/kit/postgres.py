"""PostgreSQL: a few lanes that each commit in groups, and a small pool for reads."""

from __future__ import annotations

import asyncio
import contextlib
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import asyncpg
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql import Executable

from miaohui.kit import crash, meta
from miaohui.kit.aio import spawn
from miaohui.kit.database import Operation, Params, Row
from miaohui.kit.errors import Conflict, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.statements import Statements
from miaohui.kit.telemetry import get_log
from miaohui.kit.writer import COMMIT_SECONDS, GROUP_SIZE, Counter, Pace, RecordsOptions, Write, storage_unavailable

T = TypeVar("T")
Connection: TypeAlias = Any
"""asyncpg.Connection; asyncpg's own annotations are incomplete."""

_log = get_log(__name__)
_before_commit = crash.point("records.before_commit", "a group of writes has run and is not committed")
_after_commit = crash.point("records.after_commit", "a group of writes is committed and nobody was told")

_ATTEMPTS = 3
_CONNECT_S = 5.0
_SESSION = {
    "application_name": "miaohui",
    "synchronous_commit": "on",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
}
_HURRIED_MS = 200
"""How long a lock is waited for once the group is known to meet one that is held."""
_HELD_AT_MOST = 4
"""More rows held than this: it is the table, and concerns everybody."""
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
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
"""The server or the way to it fails: the connection is given up, and what was under way may be tried again."""


class PostgresDatabase:
    """`kit.database.Database` on a server. Made by `open_postgres`."""

    def __init__(self, url: str, options: RecordsOptions) -> None:
        self._url = url
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._statements = Statements(asyncpg_dialect.dialect())  # type: ignore[no-untyped-call]
        self._counter = Counter(options.queue_limit)
        self._lanes = [_Lane(self, options) for _ in range(options.lanes)]
        self._idle: list[Connection] = []
        self._places = asyncio.Semaphore(options.readers)
        self._turn = 0
        self._epoch = ""
        self._closing = False

    @property
    def epoch(self) -> str:
        """Incarnation of the history; learnt anew with every connection of a lane."""
        return self._epoch

    async def start(self) -> None:
        """Connect once, make sure of the epoch, start the lanes. Raises `Unavailable`."""
        try:
            connection = await self.connect()
        except _LOST as error:
            raise storage_unavailable(error) from error
        self._idle.append(connection)
        for number, lane in enumerate(self._lanes):
            lane.task = spawn(lane.run(), name=f"records-lane:{number}")

    async def connect(self) -> Connection:
        """A new connection, with the epoch as its server has it."""
        connection = await asyncpg.connect(
            self._url,
            timeout=_CONNECT_S,
            command_timeout=self._options.command_timeout_s,
            statement_cache_size=1024,
            server_settings=_SESSION,
        )
        try:
            self._epoch = await self._learn_epoch(connection)
        except BaseException:
            connection.terminate()  # who asked for it was cancelled: nobody else knows of it
            raise
        return connection

    async def _learn_epoch(self, connection: Connection) -> str:
        if not await connection.fetchval("SELECT to_regclass('meta')"):
            # Two processes may come here at once; IF NOT EXISTS alone does not keep them apart.
            with contextlib.suppress(asyncpg.UniqueViolationError, asyncpg.DuplicateTableError):
                await self._fetch(connection, meta.CREATE, {})
        rows = await self._fetch(connection, meta.FIND, {"key": "epoch"})
        if not rows:
            with contextlib.suppress(asyncpg.UniqueViolationError):
                await self._fetch(connection, meta.INSERT, {"key": "epoch", "value": new_id("epoch")})
            rows = await self._fetch(connection, meta.FIND, {"key": "epoch"})
        stored = rows[0]["value"]
        try:
            server = await connection.fetchrow(
                "SELECT system_identifier, timeline_id FROM pg_control_system(), pg_control_checkpoint()"
            )
        except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFunctionError):
            return meta.format_epoch(stored)
        return meta.format_epoch(stored, *server)

    async def _fetch(self, connection: Connection, statement: Executable, params: Params) -> Sequence[Row]:
        text, values = self._statements.bind(statement, params)
        rows: Sequence[Row] = await connection.fetch(text, *values)
        return rows

    async def write(
        self,
        operation: Callable[[], Operation[T]],
        *,
        key: str = "",
        announce: Callable[[T], None] | None = None,
        patient: bool = False,
    ) -> T:
        """Run one operation in a committed transaction; see `Database.write`.

        When the connection breaks during COMMIT nobody can know its outcome; `Unavailable` then means "ask again",
        which is why every write of ours can be repeated.
        """
        if self._closing:
            raise Unavailable("The server is stopping.", code="stopping")
        self._counter.admit()
        future: asyncio.Future[T] = self._loop.create_future()
        self._lane(key).put(Write(operation, key, announce, future))
        return await future

    def _lane(self, key: str) -> _Lane:
        if key:
            return self._lanes[zlib.crc32(key.encode()) % len(self._lanes)]
        self._turn = (self._turn + 1) % len(self._lanes)
        return self._lanes[self._turn]

    async def read(self, statement: Executable, params: Params | None = None) -> Sequence[Row]:
        """Committed rows, as of now; a broken connection is replaced once."""
        if self._closing:
            raise Unavailable("The server is stopping.", code="stopping")
        text, values = self._statements.bind(statement, params or {})
        async with self._places:
            try:
                return await self._read_once(text, values)
            except _LOST:
                # After a restart of the server every idle connection is as dead as this one.
                self._discard_idle()
            try:
                return await self._read_once(text, values)
            except _LOST as error:
                raise storage_unavailable(error) from error

    async def _read_once(self, text: str, values: Sequence[Any]) -> Sequence[Row]:
        connection = self._idle.pop() if self._idle else await self.connect()
        try:
            rows: Sequence[Row] = await connection.fetch(text, *values)
        except asyncpg.PostgresError as error:
            if isinstance(error, _LOST):
                connection.terminate()
            else:
                self._idle.append(connection)
            raise
        except BaseException:
            # A cancelled command's answer may still be on the wire; such a connection is never used again.
            connection.terminate()
            raise
        self._idle.append(connection)
        return rows

    def _discard_idle(self) -> None:
        while self._idle:
            self._idle.pop().terminate()

    async def commit(self, connection: Connection, group: list[Write]) -> None:
        """Run a group in one transaction, setting results and errors. Raises what concerns the group as a whole."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._run_together(connection, group)
            except asyncpg.LockNotAvailableError:
                await connection.execute("ROLLBACK")
                await self._run_around_locks(connection, group)
                return
            except _AGAIN as error:
                await connection.execute("ROLLBACK")
                if attempt >= _ATTEMPTS:
                    raise storage_unavailable(error) from error
            else:
                return

    async def _run_together(self, connection: Connection, group: list[Write]) -> None:
        await connection.execute("BEGIN")
        try:
            for write in group:
                write.error = None
                write.result = await self._drive(connection, write.operation)
        except Exception as error:
            if _concerns_all(error):
                raise
            await connection.execute("ROLLBACK")
            await self._run_apart(connection, group)
        _before_commit()
        await connection.execute("COMMIT")
        _after_commit()

    async def _run_around_locks(self, connection: Connection, group: list[Write]) -> None:
        """Once more, without who needs a row that somebody holds: it alone is told to come again."""
        held: dict[str, Exception] = {}
        await connection.execute(f"BEGIN; SET LOCAL lock_timeout = '{_HURRIED_MS}ms'")
        for write in group:
            write.error = storage_unavailable(held[write.key]) if write.key in held else None
            if write.error is None:
                await connection.execute("SAVEPOINT one")
                try:
                    write.result = await self._drive(connection, write.operation)
                except Exception as error:
                    is_held = isinstance(error, asyncpg.LockNotAvailableError)
                    if _concerns_all(error) and (not is_held or len(held) >= _HELD_AT_MOST):
                        raise
                    if is_held:
                        held[write.key] = error
                    write.error = storage_unavailable(error) if is_held else _translate(error)
                    await connection.execute("ROLLBACK TO one")
                await connection.execute("RELEASE one")
        _before_commit()
        await connection.execute("COMMIT")
        _after_commit()

    async def _run_apart(self, connection: Connection, group: list[Write]) -> None:
        """Again, each under a savepoint, because one failed: it alone fails, the others still share a commit."""
        await connection.execute("BEGIN")
        for write in group:
            await connection.execute("SAVEPOINT one")
            try:
                write.result = await self._drive(connection, write.operation)
            except Exception as error:
                if _concerns_all(error):
                    raise
                write.error = _translate(error)
                await connection.execute("ROLLBACK TO one")
            await connection.execute("RELEASE one")

    async def _drive(self, connection: Connection, operation: Callable[[], Operation[T]]) -> T:
        steps = operation()
        try:
            statement, params = next(steps)
            while True:
                statement, params = steps.send(await self._fetch(connection, statement, params))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            steps.close()

    def deliver(self, group: list[Write]) -> None:
        """Hand a finished group's results back."""
        self._counter.deliver(group)

    async def close(self) -> None:
        """Commit what is queued, then close."""
        if self._closing:
            return
        self._closing = True
        for lane in self._lanes:
            lane.put(None)
        await asyncio.gather(*(lane.task for lane in self._lanes if lane.task), return_exceptions=True)
        while self._idle:
            await _close(self._idle.pop())


class _Lane:
    """One connection that writes; what waits here commits in order."""

    def __init__(self, database: PostgresDatabase, options: RecordsOptions) -> None:
        self._database = database
        self._options = options
        self._waiting: deque[Write | None] = deque()
        self._wake = asyncio.Event()
        self._pace = Pace(options.group_wait_ms / 1000)
        self._connection: Connection = None
        self.task: asyncio.Task[None] | None = None

    def put(self, write: Write | None) -> None:
        """Queue a write; None after the last."""
        self._waiting.append(write)
        self._wake.set()

    async def run(self) -> None:
        """Commit group after group until the None."""
        while True:
            await self._wake.wait()
            if wait_s := self._pace.wait_s(time.monotonic()):
                await asyncio.sleep(wait_s)
            group, last = self._take_group()
            if group:
                self._pace.note(len(group), time.monotonic())
                await self._commit(group)
                self._database.deliver(group)
            if last:
                await _close(self._connection)
                return

    def _take_group(self) -> tuple[list[Write], bool]:
        group: list[Write] = []
        while self._waiting and len(group) < self._options.group_size:
            write = self._waiting.popleft()
            if write is None:
                return _in_lock_order(group), True
            group.append(write)
        if not self._waiting:
            self._wake.clear()
        return _in_lock_order(group), False

    async def _commit(self, group: list[Write]) -> None:
        started = time.perf_counter()
        try:
            connection = await self._live_connection()
            await self._database.commit(connection, group)
        except Exception as error:  # noqa: BLE001  (the lane must live on, and the callers be told)
            _log.error("records.write_failed", error=str(error), lost=len(group))
            self._give_up_connection()
            for write in group:
                write.error = error if isinstance(error, Unavailable) else storage_unavailable(error)
        GROUP_SIZE.observe(len(group))
        COMMIT_SECONDS.observe(time.perf_counter() - started)

    async def _live_connection(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._database.connect()
        return self._connection

    def _give_up_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _in_lock_order(group: list[Write]) -> list[Write]:
    # Groups that lock rows in one order cannot deadlock; the sort is stable, so each key keeps its own order.
    group.sort(key=lambda write: write.key)
    return group


async def _close(connection: Connection) -> None:
    if connection is not None and not connection.is_closed():
        with contextlib.suppress(*_LOST):
            await connection.close(timeout=_CONNECT_S)


def _concerns_all(error: Exception) -> bool:
    # A value that does not fit its column is an InterfaceError too, but one write's fault only.
    return isinstance(error, _AGAIN + _LOST) and not isinstance(error, ValueError)


def _translate(error: Exception) -> Exception:
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        conflict = Conflict("This conflicts with what is already stored.", code="constraint")
        conflict.__cause__ = error
        return conflict
    return error


async def open_postgres(url: str, *, options: RecordsOptions) -> PostgresDatabase:
    """Connect to the server. Raises `Unavailable` when it cannot be reached."""
    database = PostgresDatabase(url, options)
    await database.start()
    return database
