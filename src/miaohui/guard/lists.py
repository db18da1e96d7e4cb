"""Which words each company lists for itself; compiled when they are first needed, and once for each version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.guard.own import Own, check_own, without_twins
from miaohui.guard.types import OwnWords
from miaohui.kit.errors import Conflict
from miaohui.kit.versioned import Followed

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.versioned import Records

_MOST_COMPILED = 1_000


class OwnLists:
    """A change holds as soon as `Followed` says."""

    def __init__(self, records: Records[OwnWords], clock: Clock) -> None:
        self._lists = Followed(records, clock, OwnWords())
        self._compiled: dict[str, Own] = {}

    def find(self, tenant_id: str) -> Own | None:
        """Ready to search; None for a company without words of its own, which costs one look into a dictionary."""
        words = self._lists.find(tenant_id)
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
        return await self._lists.get(tenant_id)

    async def put(self, tenant_id: str, words: OwnWords) -> OwnWords:
        """In place of the list of `words.version`. Raises `Invalid`, and `Conflict` when another stands there now."""
        check_own(words)
        kept = await self._lists.put(tenant_id, without_twins(words))
        if kept is None:
            raise Conflict("Somebody else changed the words meanwhile. Look at them again.", code="words_changed")
        return kept

    async def refresh(self) -> None:
        """Read the lists again when any was written."""
        await self._lists.refresh()

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await self._lists.run(failing="guard.words_unread")
