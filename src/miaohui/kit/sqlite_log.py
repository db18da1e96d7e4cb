"""SQLite's log of commits, folded into the file beside them: not one commit waits for it, but when the log grows long.

A commit that folds the log itself, as SQLite does unless told otherwise, takes three syncs of the disk more than its
own: of the log, of the file, and of the log's new beginning. Whoever waits behind it waits that much longer.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from miaohui.kit.sqlite_file import connect
from miaohui.kit.telemetry import get_log

_log = get_log(__name__)

_LONGEST = 8
"""Where the disk is slow, commits are held back only when the log is so many times as long as usual."""
_QUICK_S = 0.02
_READERS_WAIT_MS = 50
"""So long are readers of the log waited for while commits are held back."""


class Checkpointer:
    """Folds one file's log, on a thread and a connection of its own.

    After every `length` bytes of log, while commits go on. What they add meanwhile keeps the log from beginning anew,
    so that last bit is folded while commits wait: at once where the disk is quick; where it is slow, only when the log
    has grown to `_LONGEST` times that. Who reads for long, as a backup does, keeps it from beginning anew, too; nobody
    waits for that.
    """

    def __init__(self, file: Path, length: int) -> None:
        self._file = file
        self._length = length
        self._wal = file.with_name(file.name + "-wal")
        self._connection: sqlite3.Connection | None = None
        self._entrance = threading.Lock()
        self._inside = threading.Lock()
        self._wake = threading.Event()
        self._over = False
        self._begun = 0
        self._due_bytes = length
        self._long_bytes = length
        self._in_vain_bytes = 0
        """How long the log was when commits were last held back and readers were in the way."""
        self._thread = threading.Thread(target=self._run, name="records-log", daemon=True)

    @property
    def log_bytes(self) -> int:
        """The length of the log; one that is shorter than `length` may be told as that."""
        with contextlib.suppress(OSError):
            return self._wal.stat().st_size
        return 0

    def start(self) -> None:
        """Begin to watch the log."""
        self._thread.start()

    @property
    def holds(self) -> bool:
        """Whether a commit would have to wait now."""
        return self._entrance.locked()

    @contextlib.contextmanager
    def committing(self) -> Iterator[None]:
        """Around a commit; waits while the last bit of a long log is folded."""
        with self._entrance:
            pass  # who holds it waits for `_inside`, and comes before the next commit
        with self._inside:
            self._begun += 1
            yield

    def note(self, commit_s: float) -> None:
        """A commit is done, and its COMMIT took so many seconds."""
        size = self.log_bytes
        if size <= self._length:
            self._due_bytes, self._in_vain_bytes = self._length, 0
        elif size > self._due_bytes:
            self._long_bytes = int(self._length * min(max(1.0, commit_s / _QUICK_S), _LONGEST))
            self._wake.set()

    def _run(self) -> None:
        while not self._over:
            self._wake.wait()
            if not self._over:
                self._fold()
                self._due_bytes = self.log_bytes + self._length
            self._wake.clear()
        self._give_up()

    def _fold(self) -> None:
        try:
            connection = self._connection = self._connection or _connect(self._file)
            begun, busy = self._begun, self._inside.locked()
            _pass(connection, "PASSIVE")
            grew = busy or begun != self._begun
            if grew and self.log_bytes - self._in_vain_bytes > self._long_bytes and not self._over:
                with self._entrance, self._inside:
                    in_vain = _pass(connection, "RESTART")
                self._in_vain_bytes = self.log_bytes if in_vain else 0
        except (OSError, sqlite3.Error) as error:  # nothing is lost: the log has it, and the next time is not far
            _log.warning("records.checkpoint_failed", error=str(error))
            self._give_up()

    def _give_up(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Come to an end; what is in the log stays there. Returns when the connection is closed."""
        self._over = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()


def _pass(connection: sqlite3.Connection, mode: str) -> bool:
    """Fold what can be folded; whether a reader was in the way."""
    busy, in_log, folded = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    return bool(busy) or folded < in_log


def _connect(file: Path) -> sqlite3.Connection:
    connection = connect(file)
    connection.execute(f"PRAGMA busy_timeout={_READERS_WAIT_MS}")
    return connection
