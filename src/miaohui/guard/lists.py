"""Which words each company lists for itself; compiled when they are first needed, and once for each version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from miaohui.guard.own import Own, check_own, without_twins
from miaohui.guard.types import OwnWords
from miaohui.kit.errors import Conflict
from miaohui.kit.polling import keep_doing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miaohui.kit.clock import Clock

_POLL_S = 2.0
_MOST_COMPILED = 1_000


class Records(Protocol):
    """Where lists are kept; see `repository`."""

    async def stamp(self) -> tuple[int, int, int]:
        """What differs whenever a list was written."""
        ...

    async def list_(self) -> Mapping[str, OwnWords]:
        """All of them, by tenant."""
        ...

    async def find(self, tenant_id: str) -> OwnWords | None:
        """One company's."""
        ...

    async def put(self, tenant_id: str, words: OwnWords, now_ms: int) -> bool:
        """False when another version stands there. Raises `Conflict`."""
        ...


class OwnLists:
    """A change holds at once in this process, in others within two seconds."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._lists: dict[str, OwnWords] = {}
        self._compiled: dict[str, Own] = {}
        self._seen: tuple[int, int, int] | None = None

    def find(self, tenant_id: str) -> Own | None:
        """Ready to search; None for a company without words of its own, which costs one look into a dictionary."""
        words = self._lists.get(tenant_id)
        if words is None:
            return None
        own = self._compiled.get(tenant_id)
        if own is None or own.version != words.version:
            if len(self._compiled) >= _MOST_COMPILED:
                self._compiled.clear()
            own = self._compiled[tenant_id] = Own(words)
        return own

    async def get(self, tenant_id: str) -> OwnWords:
        """As it stands in the records."""
        return await self._records.find(tenant_id) or OwnWords()

    async def put(self, tenant_id: str, words: OwnWords) -> OwnWords:
        """In place of the list of `words.version`. Raises `Invalid`, and `Conflict` when another stands there now."""
        check_own(words)
        newer = msgspec.structs.replace(without_twins(words), version=words.version + 1)
        try:
            stored = await self._records.put(tenant_id, newer, self._clock.now_ms())
        except Conflict:
            stored = False
        if not stored:
            raise Conflict("Somebody else changed the words meanwhile. Look at them again.", code="words_changed")
        await self.refresh()
        return newer

    async def refresh(self) -> None:
        """Read the lists again when any was written."""
        stamp = await self._records.stamp()
        if stamp == self._seen:
            return
        lists = await self._records.list_()
        self._lists = {tenant: words for tenant, words in lists.items() if words.blocked or words.replaced}
        self._seen = stamp

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=_POLL_S, failing="guard.words_unread")
