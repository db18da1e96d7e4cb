"""What engines cost, day by day; and the ledger kept short: old attempts become sums of their days."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from miaohui.engines.purses import DAY_MS
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.engines.ledger import AttemptEntry, DayTotals
    from miaohui.engines.repository import EnginesRepository
    from miaohui.kit.clock import Clock

_EVERY_S = 3600.0
_GROUP = 500
_PAUSE_S = 0.05
_MOST_GROUPS = 2_000
"""In one go: a million attempts."""
_MOST_LINES = 10_000
_MOST_ATTEMPTS = 100
_DAYS_KEPT = 5 * 366
_SUMS_KEPT = 62
"""Days that sums of single nodes are kept: no budget is longer than a month."""

_log = get_log(__name__)


class Accounts:
    """`run` beside the house."""

    def __init__(self, records: EnginesRepository, clock: Clock, *, keep_days: int = 90) -> None:
        """`keep_days`: how long each attempt is kept by itself."""
        self._records = records
        self._clock = clock
        self._keep_days = keep_days

    async def days(self, tenant_id: str, since_ms: int) -> list[DayTotals]:
        """Attempts, tokens and cost since then, day by day, the latest first; 10,000 lines at most."""
        return await self._records.days(tenant_id, since_ms, _MOST_LINES)

    async def of_turn(self, tenant_id: str, turn_id: str) -> list[AttemptEntry]:
        """Every attempt of one turn, in their order, as long as each is kept by itself."""
        return await self._records.of_turn(tenant_id, turn_id, _MOST_ATTEMPTS)

    async def run(self) -> None:
        """Fold what is old every hour, until cancelled."""
        while True:
            try:
                await self.fold()
            except (MiaohuiError, OSError) as error:
                _log.warning("ledger.not_folded", error=str(error))
            await asyncio.sleep(_EVERY_S)

    async def fold(self) -> int:
        """Sum up the attempts whose time is over, and forget sums after five years; how many attempts went."""
        now_ms = self._clock.now_ms()
        folded = 0
        for _ in range(_MOST_GROUPS):
            count = await self._records.fold(now_ms - self._keep_days * DAY_MS, _GROUP)
            folded += count
            if count < _GROUP:
                break
            await asyncio.sleep(_PAUSE_S)
        await self._records.forget_days(now_ms // DAY_MS - _DAYS_KEPT)
        await self._records.forget_sums(now_ms // DAY_MS - _SUMS_KEPT)
        if folded:
            _log.info("ledger.folded", attempts=folded)
        return folded
