"""The time that all nodes agree on: the database's, whatever a node's own clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from miaohui.kit.polling import keep_doing
from miaohui.kit.sqltime import DatabaseNow

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

EVERY_S = 10.0
_NOW = select(DatabaseNow().label("now_ms"))


class AgreedClock:
    """`kit.clock.Clock`, for what is due and for leases: what one node writes, others compare with.

    The database is asked now and then; in between monotonic time carries on, so that a jump of the node's clock goes
    unnoticed. Until it was first asked, it goes by the node's.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._zero_ms = clock.now_ms() - round(clock.monotonic() * 1000)
        """Wall time when monotonic time was 0."""
        self.monotonic = clock.monotonic

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC by the database's clock."""
        return self._zero_ms + round(self.monotonic() * 1000)

    async def adjust(self) -> None:
        """Ask the database. Raises `Unavailable`."""
        asked = self.monotonic()
        rows = await self._database.read(_NOW)
        # It looked at its clock somewhere between question and answer.
        self._zero_ms = rows[0]["now_ms"] - round((asked + self.monotonic()) * 500)

    async def run(self) -> None:
        """Keep asking, until cancelled."""
        await keep_doing(self.adjust, every_s=EVERY_S, failing="clock.not_adjusted")
