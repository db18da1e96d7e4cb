"""A company goes for good: every row of it, in whatever table, and what others keep of it beside the records.

The company is shut first, and what names it goes last, so a deletion that was killed is ended by asking for it again.
Rows go in small portions, one transaction each, through the same writer as everything else: other companies' messages
wait for a portion at the most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from miaohui.kit.database import metadata
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log
from miaohui.tenants import portions, repository
from miaohui.tenants.portions import Portions, owner_of

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation
    from miaohui.tenants.standings import Standings

Forget: TypeAlias = Callable[[str], Awaitable[int]]
"""Erases what is kept of a tenant outside the tables that are walked; how many rows."""
ForgetTalks: TypeAlias = Callable[[Sequence[str]], Awaitable[None]]
"""Lets go of what is kept of these conversations outside the records."""
Progress: TypeAlias = Callable[[str, int], None]
"""Told of the table at hand, and of how many rows are gone by now."""

LAST = ("memberships", "inboxes")
"""In this order, when all else is gone: by these other rows are found."""
STAYS = ("tenants", "tenant_standings")
"""The one goes with the last transaction, the other never."""
MOST_PASSES = 20
_RESTS = (0.2, 1.0, 3.0)
_log = get_log(__name__)


class Erasing:
    """Erases one company at a time."""

    def __init__(self, database: Database, clock: Clock, standings: Standings, *, notice_s: float) -> None:
        """`notice_s`: after so long every other process knows that the company is shut."""
        self._database = database
        self._clock = clock
        self._standings = standings
        self._notice_s = notice_s
        self.elsewhere: tuple[Forget, ...] = ()
        """What is outside the tables that are walked."""
        self.forget_talks: ForgetTalks | None = None

    async def weigh(self, tenant_id: str) -> dict[str, int]:
        """How much will go, by name."""
        return await portions.weigh(self._database, tenant_id)

    async def erase(self, tenant_id: str, progress: Progress | None = None) -> int:
        """Shut the company, then erase it; how many rows went. Again, it ends what was broken off.

        Raises `Unavailable` when rows keep coming: then a process runs that does not know yet.
        """
        await self._standings.change(tenant_id, "leaving")
        await asyncio.sleep(self._notice_s)
        tally = _Tally(progress)
        await self._until_empty(tenant_id, tally)
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.remove(tenant_id, now_ms))
        await self._standings.refresh()
        await self._until_empty(tenant_id, tally)
        _log.warning("tenant.deleted", tenant=tenant_id, rows=tally.rows)
        return tally.rows

    async def _until_empty(self, tenant_id: str, tally: _Tally) -> None:
        """What was under way while a table was walked is found the next time around."""
        for _ in range(MOST_PASSES):
            before = tally.rows
            await self._pass(tenant_id, tally)
            if tally.rows == before:
                return
        raise Unavailable("Something still writes for this tenant. Look for an older process, and delete it again.")

    async def _pass(self, tenant_id: str, tally: _Tally) -> None:
        inboxes = await portions.list_inboxes(self._database, tenant_id)
        for walk in walks():
            await self._erase_rows(walk, inboxes if walk.by_inbox else [tenant_id], tally)
        for forget in self.elsewhere:
            tally.add("elsewhere", await forget(tenant_id))
        while people := await portions.list_staff(self._database, tenant_id):
            await self._patiently(partial(portions.dismiss, tenant_id, people))
            tally.add("memberships", len(people))
        await self._erase_rows(
            Portions(metadata.tables["inboxes"], metadata.tables["inboxes"].c.tenant_id), [tenant_id], tally
        )

    async def _erase_rows(self, walk: Portions, owners: Sequence[str], tally: _Tally) -> None:
        async for keys in walk.find(self._database, owners):
            if walk.name == "conversations" and self.forget_talks is not None:
                await self.forget_talks(keys)
            await self._patiently(partial(walk.erase, keys))
            tally.add(walk.name, len(keys))
            await asyncio.sleep(0)

    async def _patiently(self, operation: Callable[[], Operation[None]]) -> None:
        """A server that is busy, or a row that somebody holds, is waited for a little."""
        for rest_s in _RESTS:
            try:
                await self._database.write(operation, patient=True)
                return
            except Unavailable as error:
                _log.warning("tenant.portion_waits", reason=error.code)
                await asyncio.sleep(rest_s)
        await self._database.write(operation, patient=True)


def walks() -> list[Portions]:
    """Every table that holds rows of companies, those that point at others first; `LAST` and `STAYS` apart."""
    owned = ((table, owner_of(table)) for table in reversed(metadata.sorted_tables))
    return [Portions(table, owner) for table, owner in owned if owner is not None and table.name not in {*LAST, *STAYS}]


class _Tally:
    """How much is gone."""

    def __init__(self, progress: Progress | None) -> None:
        self.rows = 0
        self._progress = progress

    def add(self, name: str, rows: int) -> None:
        self.rows += rows
        if self._progress is not None:
            self._progress(name, self.rows)
