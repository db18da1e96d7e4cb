"""From the records to an index that can be searched: off the shelf when it lies there, else built and put there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from miaohui.kit import metrics
from miaohui.kit.database import Database
from miaohui.kit.telemetry import get_log
from miaohui.knowledge import apart, repository, workshop
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.rehearsal import calibrate
from miaohui.knowledge.shelf import Shelf
from miaohui.knowledge.types import Chunk, Stamp, VersionNote

SMALL = 300
"""So many chunks are built in a thread, which everybody else's turns wait for now and then; more, by a process."""
REVISED = 0.5
"""When less than this share of the articles is still as it was, there is little to take over."""

_log = get_log(__name__)
_BUILD = metrics.histogram("miaohui_knowledge_build_seconds", "Time to build one tenant's search index.")


class Loader:
    """Makes the indexes of one node. Without a folder each is built anew and kept in memory."""

    def __init__(self, db: Database, folder: Path | None) -> None:
        self._db = db
        self._folder = folder
        self._shelf = Shelf(folder) if folder else None

    async def load(self, stamp: Stamp) -> Index:
        """The index of this publication. Raises `Unavailable`."""
        found = await asyncio.to_thread(self._shelf.take, stamp) if self._shelf else None
        if found is not None:
            return found
        with _BUILD.time():
            return await self._build(stamp)

    async def keep_only(self, served: list[Stamp]) -> None:
        """Forget on disk who has no knowledge any more."""
        if self._shelf:
            await asyncio.to_thread(self._shelf.keep_only, [stamp.tenant_id for stamp in served])

    async def forget(self, tenant_id: str) -> None:
        """No file of this tenant is left."""
        if self._shelf:
            await asyncio.to_thread(self._shelf.forget, tenant_id)

    async def _build(self, stamp: Stamp) -> Index:
        if self._folder and self._shelf and stamp.chunks > SMALL:
            built = await self._build_apart(self._folder, self._shelf, stamp)
            if built is not None:
                return built
        chunks: list[Chunk] = []
        async for page in repository.list_chunks(self._db, stamp.tenant_id, stamp.version):
            chunks += page
        return await asyncio.to_thread(self._build_here, stamp, chunks)

    async def _build_apart(self, folder: Path, shelf: Shelf, stamp: Stamp) -> Index | None:
        """By a process of its own, from the index before when there is one; None when it does not work out."""
        since = await self._find_base(shelf, stamp)
        for base in (since, None) if since else (None,):
            gone = await repository.list_gone(self._db, stamp.tenant_id, base.version, stamp.version) if base else []
            if base and len(gone) > base.articles * (1 - REVISED):
                continue
            order = workshop.Order(str(folder), stamp, base, gone)
            pages = repository.list_chunks(self._db, stamp.tenant_id, stamp.version, since=base.version if base else 0)
            try:
                await workshop.build(order, pages)
                if (built := await asyncio.to_thread(shelf.take, stamp, just_made=True)) is not None:
                    return built
            except (apart.Failed, OSError) as error:
                _log.warning("knowledge.not_built_apart", tenant_id=stamp.tenant_id, reason=str(error))
        return None

    async def _find_base(self, shelf: Shelf, stamp: Stamp) -> Stamp | None:
        """What lies on the shelf, when the records know it as it says it is: they may be older than the shelf."""
        base = await asyncio.to_thread(shelf.before, stamp)
        if base is None:
            return None
        noted = await repository.find_version(self._db, stamp.tenant_id, base.version)
        return base if noted is not None and _is_of(base, noted) else None

    def _build_here(self, stamp: Stamp, chunks: list[Chunk]) -> Index:
        index = calibrate(build_index(stamp.version, chunks), chunks)
        if self._shelf is None:
            return index
        try:
            self._shelf.put(index, stamp)
        except OSError as error:
            _log.warning("knowledge.index_not_kept", tenant_id=stamp.tenant_id, reason=error.strerror)
            return index
        return self._shelf.take(stamp, just_made=True) or index


def _is_of(base: Stamp, noted: VersionNote) -> bool:
    return (base.articles, base.chunks, base.created_at_ms) == (noted.articles, noted.chunks, noted.created_at_ms)
