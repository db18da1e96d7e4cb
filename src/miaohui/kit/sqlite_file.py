"""One SQLite file: who has it, how it is opened, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import IO

from miaohui.kit.clock import Clock
from miaohui.kit.errors import Conflict, MiaohuiError
from miaohui.kit.locks import lock_file
from miaohui.kit.writer import storage_unavailable

SYNCHRONOUS = "FULL"
"""A commit returns when the disk has it: an ack is a promise."""
_READER_CACHE_KB, _WRITER_CACHE_KB = 8_192, 16_384
"""Pages that a connection keeps. The writer's hold what one group changes, 6 MB; what it reads beyond that comes from
the system's own cache at no cost that could be measured, with 200 MB of records and 5,000 conversations at once."""
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


def lock_folder(data_dir: Path, clock: Clock) -> IO[str]:
    """Hold the folder until the file is closed. Raises `DataInUse`."""
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


def connect(file: Path, *, log_bytes: int = 0, read_only: bool = False) -> sqlite3.Connection:
    """A connection that any one thread at a time may use; a log that it begins anew keeps `log_bytes` of the disk."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
    connection.execute("PRAGMA wal_autocheckpoint=0")  # `kit.sqlite_log` does it
    connection.execute(f"PRAGMA journal_size_limit={log_bytes}")
    connection.execute(f"PRAGMA cache_size=-{_READER_CACHE_KB if read_only else _WRITER_CACHE_KB}")
    connection.execute("PRAGMA query_only=ON" if read_only else "PRAGMA journal_mode=WAL")
    return connection


def roll_back(connection: sqlite3.Connection) -> None:
    """End a transaction, if there is one, as if it had not begun."""
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")


def is_storage(error: BaseException) -> bool:
    """Whether it is the file's or the disk's fault, and no statement's."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _STORAGE_CODES


def translate(error: Exception) -> Exception:
    """The error as callers know it."""
    if isinstance(error, sqlite3.IntegrityError):
        conflict = Conflict("This conflicts with what is already stored.", code="constraint")
        conflict.__cause__ = error
        return conflict
    return storage_unavailable(error) if is_storage(error) else error
