"""Chunks by what they mean, where a model is named: each text is paid for once, by one process, and kept in the server.

Needs pgvector; without it words, spelling and sample questions are all that is asked in the server.
"""

from __future__ import annotations

from functools import partial

from miaohui.kit.aio import launch
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log
from miaohui.knowledge import repository as records
from miaohui.knowledge.meaning import vectors as kept
from miaohui.knowledge.meaning.ports import Embedder
from miaohui.knowledge.meaning.service import AT_ONCE
from miaohui.knowledge.server.meanings import repository
from miaohui.knowledge.server.meanings.repository import Meant

CLAIM_MS = 120_000
"""How long who embeds a tenant's chunks may be silent before another process goes on."""
AGAIN_MS = 60_000
"""After a failure the model is left alone for so long."""

_log = get_log(__name__)


class Meanings:
    """One for all tenants and processes."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._owner = new_id("own")
        self._whole: dict[str, tuple[str, int]] = {}
        """Model and version of which everything is there."""
        self._making: set[str] = set()
        self._not_before_ms: dict[str, int] = {}

    def prepare_later(self, tenant_id: str, version: int, embedder: Embedder) -> None:
        """Have made what this version lacks, unless it lacks nothing or somebody is at it. Returns at once."""
        if tenant_id in self._making or self._whole.get(tenant_id) == (embedder.model, version):
            return
        if self._not_before_ms.get(tenant_id, 0) <= self._clock.now_ms():
            self._making.add(tenant_id)
            launch(self._prepare(tenant_id, version, embedder), name=f"knowledge-meaning:{tenant_id}")

    async def find(self, where: dict[str, object], meant: Meant, *, exactly: bool) -> list[tuple[str, float]]:
        """Chunks of what is shown, and their cosines; the nearest first."""
        return await repository.find_near(self._db, where, meant, exactly=exactly)

    async def _prepare(self, tenant_id: str, version: int, embedder: Embedder) -> None:
        try:
            while await self._claim(tenant_id):
                if not await self._make_some(tenant_id, version, embedder):
                    self._whole[tenant_id] = (embedder.model, version)
                    break
            await self._db.write(partial(repository.release, tenant_id, self._owner), key=tenant_id)
        except (MiaohuiError, ValueError) as error:
            _log.warning("knowledge.no_meaning", tenant_id=tenant_id, version=version, reason=str(error))
        finally:
            self._making.discard(tenant_id)
            if self._whole.get(tenant_id) != (embedder.model, version):
                self._not_before_ms[tenant_id] = self._clock.now_ms() + AGAIN_MS

    async def _claim(self, tenant_id: str) -> bool:
        now_ms = self._clock.now_ms()
        claim = partial(repository.claim, tenant_id, self._owner, (now_ms, now_ms + CLAIM_MS))
        return await self._db.write(claim, key=tenant_id)

    async def _make_some(self, tenant_id: str, version: int, embedder: Embedder) -> bool:
        """Whether there was anything to do."""
        places = await repository.list_missing(self._db, tenant_id, version, embedder.model, AT_ONCE)
        chunks = await records.list_chunks_by_id(self._db, tenant_id, list(places.values()))
        texts = {place: kept.text_of(chunks[chunk_id]) for place, chunk_id in places.items() if chunk_id in chunks}
        if not texts:
            return False
        digests = {place: kept.digest_of(text) for place, text in texts.items()}
        known = await repository.list_known(self._db, tenant_id, embedder.model, list(digests.values()))
        wanted = {digests[place]: text for place, text in texts.items() if digests[place] not in known}
        made = await embedder.embed(tenant_id, list(wanted.values())) if wanted else []
        vectors = dict(zip(wanted, map(kept.read_vector, made), strict=True))
        await self._db.write(partial(repository.keep, tenant_id, embedder.model, vectors, digests), key=tenant_id)
        return True
