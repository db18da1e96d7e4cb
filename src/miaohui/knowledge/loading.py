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
from miaohui.knowledge.types import Chunk, Stamp

SMALL = 1_500
"""So many chunks are built in a thread: half a second, less than it takes a process to begin being useful."""

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

    async def _build(self, stamp: Stamp) -> Index:
        if self._folder and self._shelf and stamp.chunks > SMALL:
            try:
                await workshop.build(
                    self._folder, stamp, repository.list_chunks(self._db, stamp.tenant_id, stamp.version)
                )
                if (found := await asyncio.to_thread(self._shelf.take, stamp)) is not None:
                    return found
            except (apart.Failed, OSError) as error:
                _log.warning("knowledge.built_here", tenant_id=stamp.tenant_id, reason=str(error))
        chunks: list[Chunk] = []
        async for page in repository.list_chunks(self._db, stamp.tenant_id, stamp.version):
            chunks += page
        return await asyncio.to_thread(self._build_here, stamp, chunks)

    def _build_here(self, stamp: Stamp, chunks: list[Chunk]) -> Index:
        index = calibrate(build_index(stamp.version, chunks), chunks)
        if self._shelf is None:
            return index
        try:
            self._shelf.put(index, stamp)
        except OSError as error:
            _log.warning("knowledge.index_not_kept", tenant_id=stamp.tenant_id, reason=error.strerror)
            return index
        return self._shelf.take(stamp) or index
