"""How much is asked of this node, and of the others: looked at twice a second, told through the records."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from miaohui.insight.steps import Ladder, Load, Strain, worst_of
from miaohui.kit import metrics
from miaohui.kit.cache import Cache
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.insight.repository import StrainRepository
    from miaohui.kit.clock import Clock

EVERY_S = 0.5
TELL_S = 5.0
"""A strained node says so again after this."""
GONE_S = 15.0
"""A node that said nothing for so long is strained no longer, or is not there."""
CACHED_S = 2.0
WRITE_S = 3.0
STEP = metrics.gauge("miaohui_strain_step", "What this node does without: 0 nothing, 1 to 3 the steps of the ladder.")
_log = get_log(__name__)


class StrainWatch:
    """Knows on which step of the ladder this node stands, and on which the whole place does."""

    def __init__(self, records: StrainRepository, clock: Clock, node: str, ladder: Ladder) -> None:
        self.look: Callable[[], Load] = lambda: Load(0, 0)
        """What of this node is taken up."""
        self.here = Strain()
        self._records = records
        self._clock = clock
        self._node = node
        self._ladder = ladder
        self._told = Strain()
        self._told_at = 0.0
        self._others: Cache[str, list[Strain]] = Cache(clock, size=1, seconds=CACHED_S)

    async def run(self) -> None:
        """Look and tell, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.step()

    async def step(self) -> None:
        """Look once, and tell the others what they do not know yet."""
        now_s = self._clock.monotonic()
        self.here = self._ladder.note(self.look(), now_s, self._clock.now_ms())
        STEP.set(self.here.height)
        again = self.here.step and now_s - self._told_at >= TELL_S
        if self.here == self._told and not again:
            return
        self._told_at = now_s
        try:
            # Whoever is strained does not wait for what is only told.
            async with asyncio.timeout(WRITE_S):
                await self._records.put(self._node, self.here, self._clock.now_ms())
            self._told = self.here
        except (MiaohuiError, TimeoutError) as error:
            _log.warning("strain.untold", error=str(error))

    async def now(self) -> Strain:
        """Of the whole place: of this node as it is, of the others as they said within seconds."""
        others = self._others.get("")
        if others is None:
            others = await self._records.list_others(self._node, self._clock.now_ms() - round(GONE_S * 1000))
            self._others.put("", others)
        return worst_of([self.here, *others])
