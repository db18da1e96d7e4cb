"""A server for the records: a few lanes that each commit in groups, and a small pool for reads.

What PostgreSQL and MariaDB have in common; what they do not is a `Wire`, one for each (`kit.postgres`, `kit.mariadb`).
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy.sql import Executable

from miaohui.kit import crash
from miaohui.kit.aio import spawn
from miaohui.kit.database import Operation, Params, Row
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log
from miaohui.kit.writer import COMMIT_SECONDS, GROUP_SIZE, Counter, Pace, RecordsOptions, Write, storage_unavailable

T = TypeVar("T")
Connection: TypeAlias = Any
"""The driver's own; the drivers' annotations are incomplete."""

_log = get_log(__name__)
_before_commit = crash.point("records.before_commit", "a group of writes has run and is not committed")
_after_commit = crash.point("records.after_commit", "a group of writes is committed and nobody was told")

_ATTEMPTS = 3
_HELD_AT_MOST = 4
"""More rows held than this: it is the table, and concerns everybody."""


class Wire(Protocol):
    """How one kind of server is spoken to, and what its errors mean."""

    @property
    def hurry(self) -> Sequence[str]:
        """The statements that begin a transaction in which a held lock is hardly waited for."""
        ...

    @property
    def calm(self) -> Sequence[str]:
        """The statements after its COMMIT."""
        ...

    async def connect(self) -> tuple[Connection, str]:
        """A new connection, and the epoch as its server has it."""
        ...

    async def execute(self, connection: Connection, text: str) -> None:
        """Run what has neither values nor rows."""
        ...

    async def fetch(self, connection: Connection, statement: Executable, params: Params) -> Sequence[Row]:
        """Run one statement and take its rows."""
        ...

    def is_open(self, connection: Connection) -> bool:
        """Whether it may be used again."""
        ...

    def cut(self, connection: Connection) -> None:
        """Give it up at once: an answer may still be under way on it."""
        ...

    async def close(self, connection: Connection) -> None:
        """End it in good order; silent when the server is not there any more."""
        ...

    def is_lost(self, error: BaseException) -> bool:
        """The server or the way to it fails: the connection is given up; what was under way may be tried again."""
        ...

    def is_again(self, error: BaseException) -> bool:
        """The transaction met another one and was ended by the server: the same once more will do."""
        ...

    def is_held(self, error: BaseException) -> bool:
        """Somebody holds a row for longer than is waited."""
        ...

    def translate(self, error: Exception) -> Exception:
        """One write's error, in our words."""
        ...


class ServerDatabase:
    """`kit.database.Database` on a server."""

    def __init__(self, wire: Wire, options: RecordsOptions) -> None:
        self._wire = wire
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._counter = Counter(options.queue_limit)
        self._lanes = [_Lane(self, wire, options) for _ in range(options.lanes)]
        self._idle: list[Connection] = []
        self._places = asyncio.Semaphore(options.readers)
        self._turn = 0
        self._epoch = ""
        self._rewritten: list[Callable[[str], None]] = []
        self._closing = False

    @property
    def epoch(self) -> str:
        """Incarnation of the history; learnt anew with every connection of a lane."""
        return self._epoch

    async def start(self) -> None:
        """Connect once, make sure of the epoch, start the lanes. Raises `Unavailable`."""
        try:
            connection = await self.connect()
        except Exception as error:
            if not self._wire.is_lost(error):
                raise
            raise storage_unavailable(error) from error
        self._idle.append(connection)
        for number, lane in enumerate(self._lanes):
            lane.task = spawn(lane.run(), name=f"records-lane:{number}")

    async def connect(self) -> Connection:
        """A new connection, with the epoch as its server has it."""
        connection, epoch = await self._wire.connect()
        known, self._epoch = self._epoch, epoch
        if known not in {"", epoch}:
            _log.warning("records.rewritten", epoch=epoch)
            for then in self._rewritten:
                then(epoch)
        return connection

    def when_rewritten(self, then: Callable[[str], None]) -> None:
        """Call `then` with the new epoch; see `Database.when_rewritten`."""
        self._rewritten.append(then)

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
        async with self._places:
            try:
                return await self._read_once(statement, params or {})
            except Exception as error:
                if not self._wire.is_lost(error):
                    raise
                # After a restart of the server every idle connection is as dead as this one.
                self._discard_idle()
            try:
                return await self._read_once(statement, params or {})
            except Exception as error:
                if not self._wire.is_lost(error):
                    raise
                raise storage_unavailable(error) from error

    async def _read_once(self, statement: Executable, params: Params) -> Sequence[Row]:
        connection = self._idle.pop() if self._idle else await self.connect()
        try:
            rows = await self._wire.fetch(connection, statement, params)
        except Exception as error:
            if self._wire.is_lost(error) or not self._wire.is_open(connection):
                self._wire.cut(connection)
            else:
                self._idle.append(connection)
            raise
        except BaseException:
            # A cancelled command's answer may still be on the wire; such a connection is never used again.
            self._wire.cut(connection)
            raise
        self._idle.append(connection)
        return rows

    def _discard_idle(self) -> None:
        while self._idle:
            self._wire.cut(self._idle.pop())

    async def commit(self, connection: Connection, group: list[Write]) -> None:
        """Run a group in one transaction, setting results and errors. Raises what concerns the group as a whole."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._run_together(connection, group)
            except Exception as error:
                if self._wire.is_held(error):
                    await self._wire.execute(connection, "ROLLBACK")
                    await self._run_around_locks(connection, group)
                    return
                if not self._wire.is_again(error):
                    raise
                await self._wire.execute(connection, "ROLLBACK")
                if attempt >= _ATTEMPTS:
                    raise storage_unavailable(error) from error
            else:
                return

    async def _run_together(self, connection: Connection, group: list[Write]) -> None:
        await self._wire.execute(connection, "BEGIN")
        try:
            for write in group:
                write.error = None
                write.result = await self._drive(connection, write.operation)
        except Exception as error:
            if self._concerns_all(error):
                raise
            await self._wire.execute(connection, "ROLLBACK")
            await self._run_apart(connection, group)
        _before_commit()
        await self._wire.execute(connection, "COMMIT")
        _after_commit()

    async def _run_around_locks(self, connection: Connection, group: list[Write]) -> None:
        """Once more, without who needs a row that somebody holds: it alone is told to come again."""
        held: dict[str, Exception] = {}
        for text in self._wire.hurry:
            await self._wire.execute(connection, text)
        for write in group:
            write.error = storage_unavailable(held[write.key]) if write.key in held else None
            if write.error is None:
                await self._wire.execute(connection, "SAVEPOINT one")
                try:
                    write.result = await self._drive(connection, write.operation)
                except Exception as error:
                    is_held = self._wire.is_held(error)
                    if self._concerns_all(error) and (not is_held or len(held) >= _HELD_AT_MOST):
                        raise
                    if is_held:
                        held[write.key] = error
                    write.error = storage_unavailable(error) if is_held else self._wire.translate(error)
                    await self._wire.execute(connection, "ROLLBACK TO SAVEPOINT one")
                await self._wire.execute(connection, "RELEASE SAVEPOINT one")
        _before_commit()
        await self._wire.execute(connection, "COMMIT")
        _after_commit()
        for text in self._wire.calm:
            await self._wire.execute(connection, text)

    async def _run_apart(self, connection: Connection, group: list[Write]) -> None:
        """Again, each under a savepoint, because one failed: it alone fails, the others still share a commit."""
        await self._wire.execute(connection, "BEGIN")
        for write in group:
            await self._wire.execute(connection, "SAVEPOINT one")
            try:
                write.result = await self._drive(connection, write.operation)
            except Exception as error:
                if self._concerns_all(error):
                    raise
                write.error = self._wire.translate(error)
                await self._wire.execute(connection, "ROLLBACK TO SAVEPOINT one")
            await self._wire.execute(connection, "RELEASE SAVEPOINT one")

    async def _drive(self, connection: Connection, operation: Callable[[], Operation[T]]) -> T:
        steps, fetch = operation(), self._wire.fetch
        try:
            statement, params = next(steps)
            while True:
                statement, params = steps.send(await fetch(connection, statement, params))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            steps.close()

    def _concerns_all(self, error: Exception) -> bool:
        wire = self._wire
        return wire.is_lost(error) or wire.is_again(error) or wire.is_held(error)

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
            await self._wire.close(self._idle.pop())
        await self._counter.finish()


class _Lane:
    """One connection that writes; what waits here commits in order."""

    def __init__(self, database: ServerDatabase, wire: Wire, options: RecordsOptions) -> None:
        self._database = database
        self._wire = wire
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
                if self._connection is not None:
                    await self._wire.close(self._connection)
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
        if self._connection is None or not self._wire.is_open(self._connection):
            self._connection = await self._database.connect()
        return self._connection

    def _give_up_connection(self) -> None:
        if self._connection is not None:
            self._wire.cut(self._connection)
            self._connection = None


def _in_lock_order(group: list[Write]) -> list[Write]:
    # Groups that lock rows in one order cannot deadlock; the sort is stable, so each key keeps its own order.
    group.sort(key=lambda write: write.key)
    return group
