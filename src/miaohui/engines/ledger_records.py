"""The ledger in the records, written in groups beside the turns."""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from itertools import islice

from miaohui.engines.ledger import AttemptEntry
from miaohui.engines.repository import add_attempts
from miaohui.kit import metrics
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log

_WAITING = 20_000
"""Entries that may wait; more are lost, and counted."""
_GROUP = 64
_GATHER_S = 0.25
_PAUSE_S = 1.0

_log = get_log(__name__)
_LOST = metrics.counter(
    "miaohui_engine_ledger_lost_total", "Entries of the ledger lost, because the records could not take them."
)


class RecordsLedger:
    """`run` beside the house; `close` writes what is left."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[AttemptEntry] = deque()
        self._some = asyncio.Event()

    def add(self, entry: AttemptEntry) -> None:
        if len(self._waiting) >= _WAITING:
            _LOST.inc()
            return
        self._waiting.append(entry)
        self._some.set()

    async def run(self) -> None:
        """Write, until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(_GATHER_S)
            try:
                await self.flush()
            except Unavailable as error:
                _log.warning("ledger.waits", entries=len(self._waiting), error=error.code)
                await asyncio.sleep(_PAUSE_S)

    async def flush(self) -> None:
        """Write everything that waits. Raises `Unavailable`; what was not written goes on waiting."""
        while self._waiting:
            group = tuple(islice(self._waiting, _GROUP))
            try:
                await self._database.write(partial(add_attempts, group), key="engine_ledger", patient=True)
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001  (one group that cannot be written must not hold up all others)
                _LOST.inc(len(group))
                _log.exception("ledger.refused", first=group[0].id, entries=len(group))
            for _ in group:
                self._waiting.popleft()
        self._some.clear()

    async def close(self) -> None:
        """Write what is left; what the records refuse is lost, and counted."""
        try:
            await self.flush()
        except Unavailable:
            _LOST.inc(len(self._waiting))
            _log.exception("ledger.lost", entries=len(self._waiting))
