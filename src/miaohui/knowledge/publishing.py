"""A new version: written little by little beside what is served, then served in one small change.

A turn's commit waits for no publication: each step is a short transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.ids import new_id
from miaohui.knowledge import repository
from miaohui.knowledge.types import Article, Chunk, Making

LEASE_MS = 60_000
STATEMENTS_AT_ONCE = 20

Written = tuple[Article, Sequence[Chunk]]


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What one publication changes."""

    end: Sequence[str] = ()
    """Articles that are served no more; one that is written anew stands here and in `store`."""
    store: Sequence[Written] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to publish."""
        return bool(self.end or self.store)


class Publisher:
    """Makes versions. One at a time for each tenant: who comes second is told so."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def publish(self, tenant_id: str, based_on: int, act: str, changes: Changes) -> int:
        """Make the changes the served version: its number. Raises `Conflict`; then nothing has changed."""
        making = self._lease(
            Making(tenant_id=tenant_id, based_on=based_on, act=act, owner=new_id("pub"), at_ms=0, lease_until_ms=0)
        )
        await self._db.write(lambda: repository.begin(making), key=tenant_id)
        try:
            await self._write(making, changes)
            articles, chunks = await repository.count(self._db, tenant_id, making.version)
            last = self._lease(making)
            return await self._db.write(lambda: repository.serve(last, articles, chunks), key=tenant_id)
        except BaseException:
            await self._abandon(making)
            raise

    async def _write(self, making: Making, changes: Changes) -> None:
        for start in range(0, len(changes.end), STATEMENTS_AT_ONCE):
            some = changes.end[start : start + STATEMENTS_AT_ONCE]
            kept = self._lease(making)
            await self._db.write(lambda kept=kept, some=some: repository.end_revisions(kept, some))  # type: ignore[misc]
        for written in _few(changes.store):
            kept = self._lease(making)
            await self._db.write(lambda kept=kept, some=written: repository.store_revisions(kept, some))  # type: ignore[misc]

    def _lease(self, making: Making) -> Making:
        now_ms = self._clock.now_ms()
        return msgspec.structs.replace(making, at_ms=now_ms, lease_until_ms=now_ms + LEASE_MS)

    async def _abandon(self, making: Making) -> None:
        try:
            await self._db.write(lambda: repository.abandon(making), key=making.tenant_id)
        except MiaohuiError:
            return  # its lease runs out, and the next publication clears it away


def _few(written: Sequence[Written]) -> Iterator[list[Written]]:
    """Groups of about so many statements; an article and its chunks stay together."""
    group: list[Written] = []
    size = 0
    for one in written:
        if group and size + len(one[1]) + 1 > STATEMENTS_AT_ONCE:
            yield group
            group, size = [], 0
        group.append(one)
        size += len(one[1]) + 1
    if group:
        yield group
