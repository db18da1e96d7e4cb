"""Facts near a question, found by the server."""

from __future__ import annotations

from miaohui.kit.database import Database
from miaohui.memory.server import repository
from miaohui.memory.types import Fact


class ServerFacts:
    """See `ports.Nearest`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._ready: bool | None = None
        """Whether the server knows vectors; None before it was asked."""

    async def nearest(self, tenant_id: str, contact_id: str, vector: bytes, most: int) -> list[Fact] | None:
        """None where the server knows no vectors. Raises `Unavailable`."""
        if self._ready is None:
            self._ready = await repository.prepare(self._db)
        if not self._ready:
            return None
        return await repository.list_nearest(self._db, tenant_id, contact_id, vector, most)
