"""The door to the records: writes that are durable when they return, and reads.

A write is an `Operation`: a generator that yields statements and receives their rows. It does no I/O itself, so the
same operation runs in the SQLite writer thread and over asyncpg, composes with `yield from`, and can be run again after
a deadlock. Statements are SQLAlchemy Core; values travel as parameters, always.

    def _touch(contact_id: str, now_ms: int) -> Operation[bool]:
        rows = yield TOUCH, {"contact_id": contact_id, "now_ms": now_ms}
        return bool(rows)

Stored values are str, int, float, bytes and None: times are milliseconds since 1970 UTC (BIGINT), flags are 0 or 1, and
structures are JSON text.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import MetaData
from sqlalchemy.sql import Executable

T = TypeVar("T")

Params: TypeAlias = Mapping[str, Any]
Row: TypeAlias = Any
"""One row: by column name, `row["seq"]`, or by position."""

Step: TypeAlias = tuple[Executable, Params]
Operation: TypeAlias = Generator[Step, Sequence[Row], T]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Database(Protocol):
    """SQLite by default, PostgreSQL by URL; chosen in `kit.records.open_database`."""

    @property
    def epoch(self) -> str:
        """Incarnation of the history: changes when it may have been rewritten (restore, failover)."""
        ...

    async def write(
        self,
        operation: Callable[[], Operation[T]],
        *,
        key: str = "",
        announce: Callable[[T], None] | None = None,
        patient: bool = False,
    ) -> T:
        """Run one operation in a committed transaction; return only after COMMIT.

        Operations with the same `key` (a conversation id) commit in the order of the calls. `announce` is called on the
        event loop after the commit, in commit order, before this returns. Under load a `patient` write may wait up to
        `kit.writer.PATIENCE_S` for others to share their commit. Raises `Unavailable` when the queue is full
        or the disk fails (nothing was stored), and whatever the operation raises (rolled back).
        """
        ...

    async def read(self, statement: Executable, params: Params | None = None) -> Sequence[Row]:
        """Committed rows, as of now."""
        ...

    def when_rewritten(self, then: Callable[[str], None]) -> None:
        """Call `then` with the new epoch before anything is read of another history, or written to it.

        That is what a failover to a standby leaves that had not heard everything.
        """
        ...

    async def close(self) -> None:
        """Commit what is queued, then close."""
        ...
