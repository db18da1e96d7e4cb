"""The records that all nodes share: a real SQLite file, used on the event loop itself so that every order is replayed.

A node that is killed loses what it had not committed, and never hears of what it had.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import Executable

from miaohui.kit.database import Operation, Params, Row
from miaohui.kit.errors import Conflict
from miaohui.kit.statements import Statements
from miaohui.kit.writer import storage_unavailable
from miaohui.testing.history.cold import LAST_SEQS, MESSAGES, TURNS, cold_of
from miaohui.testing.history.types import Cold
from miaohui.testing.simulation.chance import Chance

T = TypeVar("T")
_JULIAN_1970, _DAY_MS = 2_440_587.5, 86_400_000
_GROUP = 64


class Disk:
    """One database file with the clock of its own that leases are counted by."""

    def __init__(self, file: Path, now_ms: Callable[[], int]) -> None:
        self.statements = Statements(sqlite.dialect(paramstyle="qmark"))
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA foreign_keys=ON")
        self.connection.execute("PRAGMA journal_mode=MEMORY")
        self.connection.execute("PRAGMA synchronous=OFF")
        self.connection.create_function("julianday", 1, lambda _: _JULIAN_1970 + now_ms() / _DAY_MS)
        self.away = False
        """Every write fails."""
        self.deaf = 0.0
        """How often a commit succeeds and its answer is lost."""

    def drive(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in the open transaction."""
        steps = operation()
        try:
            statement, params = next(steps)
            while True:
                statement, params = steps.send(self.rows(statement, params))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            steps.close()

    def rows(self, statement: Executable, params: Params) -> Sequence[Row]:
        """Of one statement."""
        text, values = self.statements.bind(statement, params)
        return self.connection.execute(text, values).fetchall()

    def cold(self) -> Cold:
        """What is stored."""
        return cold_of(*(self.connection.execute(query) for query in (MESSAGES, TURNS, LAST_SEQS)))


class Write:
    """One operation on its way."""

    __slots__ = ("announce", "error", "future", "operation", "result")

    def __init__(self, operation: Callable[[], Operation[Any]], announce: Callable[[Any], None] | None) -> None:
        self.operation = operation
        self.announce = announce
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def tell(self) -> None:
        """The outcome, to who waits."""
        if not self.future.done():
            if self.error is None:
                self.future.set_result(self.result)
            else:
                self.future.set_exception(self.error)


class NodeRecords:
    """`kit.database.Database`, as one node has it: groups, in their order, some milliseconds to and from the disk."""

    def __init__(self, disk: Disk, chance: Chance) -> None:
        self.epoch = "simulated"
        self.alive = True
        self._disk = disk
        self._chance = chance
        self._queue: deque[Write] = deque()
        self._waiting = False

    async def write(
        self,
        operation: Callable[[], Operation[T]],
        *,
        key: str = "",
        announce: Callable[[T], None] | None = None,
        patient: bool = False,
    ) -> T:
        """See `Database.write`."""
        write = Write(operation, announce)
        self._queue.append(write)
        self._commit_soon()
        return await write.future  # type: ignore[no-any-return]

    async def read(self, statement: Executable, params: Params | None = None) -> Sequence[Row]:
        """See `Database.read`."""
        await self._pause(0.0005, 0.004)
        return self._disk.rows(statement, params or {})

    def when_rewritten(self, then: Callable[[str], None]) -> None:
        """Never here."""

    async def close(self) -> None:
        """Nothing is kept open."""

    def kill(self) -> None:
        """As `kill -9`: what waits is gone, what was committed is never heard of."""
        self.alive = False
        self._queue.clear()

    async def _pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self._chance.uniform(least, most))
        if not self.alive:
            await asyncio.Event().wait()

    def _commit_soon(self) -> None:
        if not self._waiting and self.alive:
            self._waiting = True
            asyncio.get_running_loop().call_later(self._chance.uniform(0.0005, 0.008), self._commit)

    def _commit(self) -> None:
        if not self.alive:
            return
        group = [self._queue.popleft() for _ in range(min(len(self._queue), _GROUP))]
        lost = self._commit_group(group)
        asyncio.get_running_loop().call_later(self._chance.uniform(0.0002, 0.004), self._deliver, group, lost)

    def _commit_group(self, group: list[Write]) -> bool:
        """True when the answer to the commit is lost."""
        if self._disk.away:
            for write in group:
                write.error = storage_unavailable(OSError("the disk is away"))
            return False
        self._disk.connection.execute("BEGIN IMMEDIATE")
        for write in group:
            self._run(write)
        self._disk.connection.execute("COMMIT")
        return self._chance.random() < self._disk.deaf

    def _run(self, write: Write) -> None:
        self._disk.connection.execute("SAVEPOINT one")
        try:
            write.result = self._disk.drive(write.operation)
        except sqlite3.IntegrityError as error:
            write.error = Conflict(str(error), code="constraint")
            self._disk.connection.execute("ROLLBACK TO one")
        except Exception as error:  # noqa: BLE001  (the caller is told)
            write.error = error
            self._disk.connection.execute("ROLLBACK TO one")
        self._disk.connection.execute("RELEASE one")

    def _deliver(self, group: list[Write], lost: bool) -> None:
        if not self.alive:
            return
        self._waiting = False
        if self._queue:
            self._commit_soon()
        for write in group:
            if lost:
                write.error = storage_unavailable(OSError("the answer to the commit was lost"))
            elif write.announce is not None and write.error is None:
                write.announce(write.result)
        for write in group:
            write.tell()
