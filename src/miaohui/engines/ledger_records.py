"""The ledger in the records, written in groups beside the turns."""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from miaohui.engines.ledger import AttemptEntry, NodeSum
from miaohui.engines.purses import DAY_MS
from miaohui.engines.repository import add_attempts
from miaohui.kit import metrics
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import Sequence

_WAITING = 20_000
"""Entries that may wait; more are lost, and counted."""
_GROUP = 64
_GATHER_S = 0.25
_PAUSE_S = 1.0
_KEPT_DAYS = 3
"""No attempt is written so long after it began."""

_log = get_log(__name__)
_LOST = metrics.counter(
    "miaohui_engine_ledger_lost_total", "Entries of the ledger lost, because the records could not take them."
)


class RecordsLedger:
    """`run` beside the house; `close` writes what is left."""

    def __init__(self, database: Database, node: str = "") -> None:
        """`node`: under which name this process adds up; its own when left out."""
        self._database = database
        self._node = node or new_id("node")
        self._sums: dict[tuple[str, int], int] = {}
        """By company and day, what was written."""
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
            sums = self._sums_with(group)
            rows = [NodeSum(tenant_id, day, self._node, cost) for (tenant_id, day), cost in sorted(sums.items())]
            try:
                await self._database.write(partial(add_attempts, group, rows), key="engine_ledger", patient=True)
                self._keep(sums)
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001  (one group that cannot be written must not hold up all others)
                _LOST.inc(len(group))
                _log.exception("ledger.refused", first=group[0].id, entries=len(group))
            for _ in group:
                self._waiting.popleft()
        self._some.clear()

    def _sums_with(self, group: Sequence[AttemptEntry]) -> dict[tuple[str, int], int]:
        """What the companies of these entries will have come to with them."""
        sums: dict[tuple[str, int], int] = {}
        for entry in group:
            if entry.cost_micro:
                key = (entry.tenant_id, entry.started_at_ms // DAY_MS)
                sums[key] = sums.get(key, self._sums.get(key, 0)) + entry.cost_micro
        return sums

    def _keep(self, sums: dict[tuple[str, int], int]) -> None:
        if sums and not sums.keys() <= self._sums.keys():
            newest = max(day for _, day in sums)
            self._sums = {key: cost for key, cost in self._sums.items() if key[1] > newest - _KEPT_DAYS}
        self._sums.update(sums)

    async def close(self) -> None:
        """Write what is left; what the records refuse is lost, and counted."""
        try:
            await self.flush()
        except Unavailable:
            _LOST.inc(len(self._waiting))
            _log.exception("ledger.lost", entries=len(self._waiting))
