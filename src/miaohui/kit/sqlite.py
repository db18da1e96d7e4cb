"""SQLite: one writer thread that commits in groups, some reader threads, an event loop that never waits for a disk."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import Executable

from miaohui.kit import crash, meta
from miaohui.kit.clock import Clock
from miaohui.kit.database import Operation, Params, Row
from miaohui.kit.errors import MiaohuiError, Unavailable
from miaohui.kit.sqlite_file import connect, is_storage, lock_folder, roll_back, translate
from miaohui.kit.sqlite_log import Checkpointer
from miaohui.kit.statements import Statements, Values
from miaohui.kit.telemetry import get_log
from miaohui.kit.writer import (
    COMMIT_SECONDS,
    GROUP_SIZE,
    PATIENCE_S,
    Counter,
    Pace,
    Patience,
    RecordsOptions,
    Write,
    storage_unavailable,
)

T = TypeVar("T")

_log = get_log(__name__)
_before_commit = crash.point("records.before_commit", "a group of writes has run and is not committed")
_after_commit = crash.point("records.after_commit", "a group of writes is committed and nobody was told")

_QUICK_S = 0.02
_GROUPS_IN_ONE = 16
"""A disk that takes 0.2 s for a commit would else carry 64 operations five times a second."""
_SWITCH_INTERVAL_S = 0.0005
_READS_TOGETHER = 8


class DataDamaged(MiaohuiError):
    """The check after an unclean stop found the file damaged."""

    code = "data_damaged"
    title = "The database file is damaged"


class SQLiteDatabase:
    """`kit.database.Database` on one file. Made by `open_sqlite`."""

    def __init__(self, file: Path, options: RecordsOptions, lock: IO[str]) -> None:
        self._file = file
        self._lock = lock
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._statements = Statements(sqlite.dialect(paramstyle="qmark"))
        self._counter = Counter(options.queue_limit)
        self._writes: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[_Read | None] = queue.SimpleQueue()
        self._pace = Pace(options.group_wait_ms / 1000)
        self._patience = Patience(self._writes.put)
        self._writer = _Writer(file, self._statements, options)
        self._checkpointer = Checkpointer(file, options.log_bytes)
        self._threads: list[threading.Thread] = []
        self._untold: list[Write] = []
        self._epoch = ""
        self._closing = False

    @property
    def epoch(self) -> str:
        """Incarnation of the history."""
        return self._epoch

    async def start(self) -> None:
        """Check the file, learn the epoch, start the threads. Raises `DataDamaged`."""
        # Each statement lets go of the interpreter; with the default 5 ms a busy event loop would make every one of
        # them wait that long to get it back.
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_INTERVAL_S))
        self._epoch = await asyncio.to_thread(self._writer.open)
        targets = [self._write_groups] + [self._serve_reads] * self._options.readers
        self._threads = [threading.Thread(target=target, name="records", daemon=True) for target in targets]
        for thread in self._threads:
            thread.start()
        self._checkpointer.start()

    async def write(
        self,
        operation: Callable[[], Operation[T]],
        *,
        key: str = "",
        announce: Callable[[T], None] | None = None,
        patient: bool = False,
    ) -> T:
        """Run one operation in a committed transaction; see `Database.write`."""
        if self._closing:
            raise Unavailable("The server is stopping.", code="stopping")
        self._counter.admit()
        future: asyncio.Future[T] = self._loop.create_future()
        write = Write(operation, key, announce, future)
        if patient and self._pace.is_busy(PATIENCE_S):
            self._patience.put(write)
        else:
            self._patience.end()
            self._writes.put(write)
        return await future

    async def read(self, statement: Executable, params: Params | None = None) -> Sequence[Row]:
        """Committed rows, as of now."""
        if self._closing:
            raise Unavailable("The server is stopping.", code="stopping")
        text, values = self._statements.bind(statement, params or {})
        future: asyncio.Future[Sequence[Row]] = self._loop.create_future()
        self._reads.put(_Read(text, values, future))
        return await future

    def when_rewritten(self, then: Callable[[str], None]) -> None:
        """Never: nobody else has the file while it is open here."""

    async def close(self) -> None:
        """Commit what is queued, then close."""
        if self._closing:
            return
        self._closing = True
        self._patience.end()
        self._writes.put(None)
        for _ in range(self._options.readers):
            self._reads.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        await asyncio.to_thread(self._checkpointer.close)
        await asyncio.to_thread(self._writer.close)
        await self._counter.finish()
        self._lock.close()

    def _write_groups(self) -> None:
        pace, writer, checkpointer = self._pace, self._writer, self._checkpointer
        while (first := self._writes.get()) is not None:
            if not self._untold and (wait_s := pace.wait_s(time.monotonic())):
                time.sleep(wait_s)
            with checkpointer.committing():
                group, last = self._take_group(first, writer.room)
                pace.note(len(group), time.monotonic())
                writer.commit(group, self._tell)
            self._tell()
            self._untold = group
            if last or not writer.is_slow or self._writes.empty() or checkpointer.holds:
                self._tell()
            checkpointer.note(writer.commit_s)
            if last:
                return

    def _tell(self) -> None:
        """Where the disk is slow, only when the next group's statements have run.

        What a group of hundreds sets going keeps the interpreter busy for a tenth of a second. The statements would
        have to ask for it one by one; the wait for the disk does not.
        """
        if self._untold:
            self._call(self._counter.deliver, self._untold)
            self._untold = []

    def _take_group(self, first: Write, room: int) -> tuple[list[Write], bool]:
        group = [first]
        while len(group) < room:
            try:
                write = self._writes.get_nowait()
            except queue.Empty:
                break
            if write is None:
                return group, True
            group.append(write)
        return group, False

    def _serve_reads(self) -> None:
        connection: sqlite3.Connection | None = None
        while (read := self._reads.get()) is not None:
            served: list[_Read] = []
            last = False
            while read is not None:
                connection = self._serve(read, connection)
                served.append(read)
                if len(served) >= _READS_TOGETHER:
                    break
                try:
                    read = self._reads.get_nowait()
                except queue.Empty:
                    break
                last = read is None
            self._call(_deliver_reads, served)
            if last:
                break
        if connection is not None:
            connection.close()

    def _serve(self, read: _Read, connection: sqlite3.Connection | None) -> sqlite3.Connection | None:
        try:
            connection = connection or connect(self._file, read_only=True)
            read.rows = connection.execute(read.text, read.values).fetchall()
        except Exception as error:  # noqa: BLE001  (the thread must live on, and the caller be told)
            read.error = translate(error)
            if connection is not None and is_storage(error):
                connection.close()
                return None
        return connection

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        # The loop may be gone when a program ends without `close`; then nobody waits either.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)


class _Read:
    __slots__ = ("error", "future", "rows", "text", "values")

    def __init__(self, text: str, values: Values, future: asyncio.Future[Sequence[Row]]) -> None:
        self.text = text
        self.values = values
        self.future = future
        self.rows: Sequence[Row] = ()
        self.error: BaseException | None = None

    def deliver(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.rows)
        else:
            self.future.set_exception(self.error)


def _deliver_reads(reads: Sequence[_Read]) -> None:
    for read in reads:
        read.deliver()


class _Writer:
    """The one write connection, used by one thread at a time."""

    def __init__(self, file: Path, statements: Statements, options: RecordsOptions) -> None:
        self._file = file
        self._running = file.with_name(file.name + ".running")
        self._statements = statements
        self._options = options
        self._connection: Any = None
        self.commit_s = 0.0
        """What the last COMMIT took."""

    @property
    def room(self) -> int:
        """Operations for the next group. What the disk takes long to keep may as well be more."""
        return self._options.group_size * min(max(1, round(self.commit_s / _QUICK_S)), _GROUPS_IN_ONE)

    @property
    def is_slow(self) -> bool:
        """Whether the disk is what a commit waits for."""
        return self.commit_s > _QUICK_S

    def open(self) -> str:
        """Check after an unclean stop, and return the epoch."""
        unclean = self._running.exists()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connection = connect(self._file, log_bytes=self._options.log_bytes)
        if unclean and self._file.stat().st_size:
            _log.warning("records.unclean_stop", check="quick_check")
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise DataDamaged(f"{self._file} is damaged ({found}); restore it from a backup.")
        self._running.touch()
        connection.execute("BEGIN IMMEDIATE")
        epoch = _drive(self._execute, lambda: meta.learn_epoch(self._file.stat().st_ino))
        connection.execute("COMMIT")
        return epoch

    def commit(self, group: list[Write], meanwhile: Callable[[], None]) -> None:
        """Run a group in one transaction, setting each write's result or error; never raises.

        `meanwhile` is called when only the COMMIT is left to do.
        """
        started = time.perf_counter()
        try:
            connection = self._connection = self._connection or connect(self._file, log_bytes=self._options.log_bytes)
            self._run_together(connection, group)
            meanwhile()
            self._keep(connection)
        except Exception as error:  # noqa: BLE001  (as above)
            self._give_up(group, error)
        GROUP_SIZE.observe(len(group))
        COMMIT_SECONDS.observe(time.perf_counter() - started)

    def _run_together(self, connection: sqlite3.Connection, group: list[Write]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for write in group:
                write.result = _drive(self._execute, write.operation)
        except Exception as error:
            if is_storage(error):
                raise
            roll_back(connection)
            self._run_apart(connection, group)

    def _run_apart(self, connection: sqlite3.Connection, group: list[Write]) -> None:
        """Again, each under a savepoint, because one failed: it alone fails, the others still share a commit."""
        connection.execute("BEGIN IMMEDIATE")
        for write in group:
            connection.execute("SAVEPOINT one")
            try:
                write.result = _drive(self._execute, write.operation)
            except Exception as error:
                if is_storage(error):
                    raise
                write.error = translate(error)
                connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")

    def _keep(self, connection: sqlite3.Connection) -> None:
        _before_commit()
        began = time.perf_counter()
        connection.execute("COMMIT")
        self.commit_s = time.perf_counter() - began
        _after_commit()

    def _execute(self, statement: Executable, params: Params) -> Sequence[Row]:
        text, values = self._statements.bind(statement, params)
        rows: Sequence[Row] = self._connection.execute(text, values).fetchall()
        return rows

    def _give_up(self, group: list[Write], error: Exception) -> None:
        # After a failed fsync the pages in memory cannot be trusted: begin again from the file.
        _log.error("records.write_failed", error=str(error), lost=len(group))
        if self._connection is not None:
            roll_back(self._connection)
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        for write in group:
            write.error = storage_unavailable(error)

    def close(self) -> None:
        """Fold the log into the file and say that the stop was clean."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()
            self._running.unlink(missing_ok=True)


async def open_sqlite(file: Path, *, clock: Clock, data_dir: Path, options: RecordsOptions) -> SQLiteDatabase:
    """Open or create the file. Raises `DataInUse` when another process has the folder, `DataDamaged`."""
    lock = await asyncio.to_thread(lock_folder, data_dir, clock)
    try:
        database = SQLiteDatabase(file, options, lock)
        await database.start()
    except BaseException:
        lock.close()
        raise
    return database


def _drive(execute: Callable[[Executable, Params], Sequence[Row]], operation: Callable[[], Operation[T]]) -> T:
    steps = operation()
    try:
        statement, params = next(steps)
        while True:
            statement, params = steps.send(execute(statement, params))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        steps.close()
