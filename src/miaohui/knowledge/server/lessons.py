"""What sample questions taught, for every version that is shown: worked out once, kept in the server, at hand here."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import partial

from miaohui.kit.database import Database
from miaohui.kit.telemetry import get_log
from miaohui.knowledge import apart
from miaohui.knowledge import repository as records
from miaohui.knowledge.certainty import UNTAUGHT
from miaohui.knowledge.rehearsal import step_of
from miaohui.knowledge.server import repository, teaching
from miaohui.knowledge.server.ranking import Lesson
from miaohui.knowledge.server.teaching import NOTHING_TAUGHT, Judge, Samples, Taught
from miaohui.knowledge.types import Chunk, Stamp

MOST_BYTES = 64 * 1024 * 1024
"""Of what was taught is kept at hand; what is asked again after that is read again."""
_CHUNKS_AT_ONCE = 100
_UNTAUGHT = Lesson({}, UNTAUGHT)
_log = get_log(__name__)


class Lessons:
    """One for all tenants."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._judges: OrderedDict[tuple[str, int], Judge] = OrderedDict()
        self._bytes = 0
        self._reading: dict[tuple[str, int], asyncio.Lock] = {}

    async def prepare(self, stamp: Stamp) -> None:
        """Learn from the sample questions of a version that is about to be shown; nothing when they are the same."""
        tenant_id, version = stamp.tenant_id, stamp.version
        samples = await records.list_samples(self._db, tenant_id, version)
        digest = teaching.digest_of(samples)
        since, known = await repository.find_digest(self._db, tenant_id, version)
        if since and known == digest:
            await self._db.write(partial(repository.carry_taught, tenant_id, version, since), key=tenant_id)
            return
        taught = await self._teach(stamp, samples) if teaching.may_teach(samples) else NOTHING_TAUGHT
        if taught is not None:
            keep = partial(repository.keep_taught, tenant_id, version, digest, teaching.pack(taught))
            await self._db.write(keep, key=tenant_id)

    async def ask(self, tenant_id: str, version: int, normalised: str) -> Lesson:
        """What a question is meant for, as far as was learned."""
        judge = self._judges.get((tenant_id, version)) or await self._read(tenant_id, version)
        self._judges.move_to_end((tenant_id, version))
        return Lesson(judge.judge(normalised), judge.certainty) if judge.size else _UNTAUGHT

    async def _teach(self, stamp: Stamp, samples: Samples) -> Taught | None:
        """None when it did not work out: then words alone are asked."""
        ids = await records.list_revision_ids(self._db, stamp.tenant_id, stamp.version)
        wanted = ids[:: step_of(stamp.chunks)]
        chunks: list[Chunk] = []
        for start in range(0, len(wanted), _CHUNKS_AT_ONCE):
            some = wanted[start : start + _CHUNKS_AT_ONCE]
            chunks += [chunk for _, chunk in await records.list_chunks_of(self._db, stamp.tenant_id, some)]
        lesson = teaching.Lesson(list(samples), sorted(chunks, key=lambda chunk: (chunk.article_id, chunk.ordinal)))
        try:
            return await asyncio.to_thread(teaching.teach, lesson)
        except apart.Failed as error:
            _log.warning("knowledge.not_taught", tenant_id=stamp.tenant_id, reason=str(error))
            return None

    async def _read(self, tenant_id: str, version: int) -> Judge:
        """Once, however many ask."""
        key = (tenant_id, version)
        lock = self._reading.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if key not in self._judges:
                    packed = await repository.find_taught(self._db, tenant_id, version)
                    self._keep(key, Judge(teaching.read(packed) if packed else NOTHING_TAUGHT))
        finally:
            self._reading.pop(key, None)
        return self._judges[key]

    def _keep(self, key: tuple[str, int], judge: Judge) -> None:
        for old in [one for one in self._judges if one[0] == key[0]]:
            self._bytes -= self._judges.pop(old).size
        self._judges[key] = judge
        self._bytes += judge.size
        while self._bytes > MOST_BYTES and len(self._judges) > 1:
            self._bytes -= self._judges.popitem(last=False)[1].size
