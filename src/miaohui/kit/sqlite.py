"""SQLite: one writer thread that commits in groups, some reader threads, an event loop that never waits for a disk."""

from __future__ import annotations

import asyncio
import contextlib
import os
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
from miaohui.kit.errors import Conflict, MiaohuiError, Unavailable
from miaohui.kit.locks import lock_file
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

_WAL_LIMIT_BYTES = 64 * 1024 * 1024
_CHECKPOINT_PAGES = 4_000
"""16 MB of log before it is folded into the file: pages written again meanwhile, such as an index's last, go once."""
_SWITCH_INTERVAL_S = 0.0005
_READS_TOGETHER = 8
_STORAGE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


class DataInUse(MiaohuiError):
    """Another process has this data folder open; two would miss each other's events."""

    status = 503
    code = "data_in_use"
    title = "The data folder is in use"


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
        self._threads: list[threading.Thread] = []
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
        await asyncio.to_thread(self._writer.close)
        self._lock.close()

    def _write_groups(self) -> None:
        pace = self._pace
        while (first := self._writes.get()) is not None:
            if wait_s := pace.wait_s(time.monotonic()):
                time.sleep(wait_s)
            group, last = self._take_group(first)
            pace.note(len(group), time.monotonic())
            self._writer.commit(group)
            self._call(self._counter.deliver, group)
            if last:
                return

    def _take_group(self, first: Write) -> tuple[list[Write], bool]:
        group = [first]
        while len(group) < self._options.group_size:
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
            connection = connection or _connect(self._file, read_only=True)
            read.rows = connection.execute(read.text, read.values).fetchall()
        except Exception as error:  # noqa: BLE001  (the thread must live on, and the caller be told)
            read.error = _translate(error)
            if connection is not None and _is_storage(error):
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
        self._wal = file.with_name(file.name + "-wal")
        self._running = file.with_name(file.name + ".running")
        self._statements = statements
        self._options = options
        self._connection: Any = None

    def open(self) -> str:
        """Check after an unclean stop, and return the epoch."""
        unclean = self._running.exists()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connection = _connect(self._file)
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

    def commit(self, group: list[Write]) -> None:
        """Run a group in one transaction, setting each write's result or error; never raises."""
        started = time.perf_counter()
        try:
            connection = self._connection = self._connection or _connect(self._file)
            self._run_together(connection, group)
        except Exception as error:  # noqa: BLE001  (as above)
            self._give_up(group, error)
        else:
            self._checkpoint(connection)
        GROUP_SIZE.observe(len(group))
        COMMIT_SECONDS.observe(time.perf_counter() - started)

    def _run_together(self, connection: sqlite3.Connection, group: list[Write]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for write in group:
                write.result = _drive(self._execute, write.operation)
        except Exception as error:
            if _is_storage(error):
                raise
            _roll_back(connection)
            self._run_apart(connection, group)
        _before_commit()
        connection.execute("COMMIT")
        _after_commit()

    def _run_apart(self, connection: sqlite3.Connection, group: list[Write]) -> None:
        """Again, each under a savepoint, because one failed: it alone fails, the others still share a commit."""
        connection.execute("BEGIN IMMEDIATE")
        for write in group:
            connection.execute("SAVEPOINT one")
            try:
                write.result = _drive(self._execute, write.operation)
            except Exception as error:
                if _is_storage(error):
                    raise
                write.error = _translate(error)
                connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")

    def _execute(self, statement: Executable, params: Params) -> Sequence[Row]:
        text, values = self._statements.bind(statement, params)
        rows: Sequence[Row] = self._connection.execute(text, values).fetchall()
        return rows

    def _give_up(self, group: list[Write], error: Exception) -> None:
        # After a failed fsync the pages in memory cannot be trusted: begin again from the file.
        _log.error("records.write_failed", error=str(error), lost=len(group))
        if self._connection is not None:
            _roll_back(self._connection)
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        for write in group:
            write.error = storage_unavailable(error)

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        with contextlib.suppress(OSError, sqlite3.Error):
            if self._wal.stat().st_size > _WAL_LIMIT_BYTES:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Fold the log into the file and say that the stop was clean."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()
            self._running.unlink(missing_ok=True)


async def open_sqlite(file: Path, *, clock: Clock, data_dir: Path, options: RecordsOptions) -> SQLiteDatabase:
    """Open or create the file. Raises `DataInUse` when another process has the folder, `DataDamaged`."""
    lock = await asyncio.to_thread(_lock_folder, data_dir, clock)
    try:
        database = SQLiteDatabase(file, options, lock)
        await database.start()
    except BaseException:
        lock.close()
        raise
    return database


def _lock_folder(data_dir: Path, clock: Clock) -> IO[str]:
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = (data_dir / "lock").open("a+", encoding="ascii")
    try:
        lock_file(lock)
    except OSError:
        lock.seek(0)
        owner = lock.read().strip()
        lock.close()
        raise DataInUse(
            f"{data_dir.resolve()} is in use by another process ({owner}). Stop it, or choose another data folder; "
            "several processes can share PostgreSQL, not SQLite."
        ) from None
    lock.truncate(0)
    lock.write(f"pid {os.getpid()} since {clock.now_ms()}")
    lock.flush()
    return lock


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


def _connect(file: Path, *, read_only: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA cache_size=-{8_192 if read_only else 32_768}")
    connection.execute("PRAGMA query_only=ON" if read_only else "PRAGMA journal_mode=WAL")
    return connection


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")


def _is_storage(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _STORAGE_CODES


def _translate(error: Exception) -> Exception:
    if isinstance(error, sqlite3.IntegrityError):
        conflict = Conflict("This conflicts with what is already stored.", code="constraint")
        conflict.__cause__ = error
        return conflict
    return storage_unavailable(error) if _is_storage(error) else error
