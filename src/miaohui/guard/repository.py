"""Rows of companies' own words."""

from __future__ import annotations

import msgspec

from miaohui.guard.tables import guard_words
from miaohui.guard.types import OwnWords
from miaohui.kit.database import Database
from miaohui.kit.versioned import Versioned


class OwnWordsRepository:
    """What is kept of them."""

    def __init__(self, database: Database) -> None:
        self._rows = Versioned(database, guard_words)

    async def stamp(self) -> tuple[int, int, int]:
        """What differs whenever a list was written."""
        return await self._rows.stamp()

    async def list_(self) -> dict[str, OwnWords]:
        """All of them, by tenant."""
        return {tenant_id: _words(*row) for tenant_id, row in (await self._rows.list_()).items()}

    async def find(self, tenant_id: str) -> OwnWords | None:
        """One company's."""
        row = await self._rows.find(tenant_id)
        return row and _words(*row)

    async def put(self, tenant_id: str, words: OwnWords, now_ms: int) -> bool:
        """Keep a list, durably, in place of the version before; False when another one stands there."""
        return await self._rows.put(tenant_id, msgspec.json.encode(words).decode(), words.version, now_ms)


def _words(body: str, version: int) -> OwnWords:
    return msgspec.structs.replace(msgspec.json.decode(body, type=OwnWords), version=version)
