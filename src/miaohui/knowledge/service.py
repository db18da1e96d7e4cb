"""Writing, importing and searching a tenant's knowledge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from miaohui.kit.aio import launch, spawn, stop
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import FieldError, Invalid, MiaohuiError, NotFound, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log
from miaohui.knowledge import policy, repository
from miaohui.knowledge.index import Index
from miaohui.knowledge.loading import Loader
from miaohui.knowledge.publication import write_article
from miaohui.knowledge.reading import BrokenFile, Draft, list_files, read_file
from miaohui.knowledge.types import Article, Chunk, Retrieval, Stamp

Progress = Callable[[int, int, str], None]
"""Files done, files in all, and the one at hand."""

MOST_PASSAGES = 50
MOST_FILES = 20_000
POLL_S = 3.0

_log = get_log(__name__)


class Problem(msgspec.Struct, frozen=True):
    """A file that was left out, and why. What it gave earlier keeps being served."""

    source: str
    detail: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did. `version` is the one served now; the same as before when nothing changed."""

    added: int
    updated: int
    unchanged: int
    deleted: int
    problems: tuple[Problem, ...]
    version: int


class _Read(msgspec.Struct, frozen=True):
    drafts: dict[str, Draft]
    problems: tuple[Problem, ...]


class Knowledge:
    """One searchable snapshot per tenant, replaced whole; a search never waits for the database.

    Only a tenant's very first search after a start may have to wait: until its snapshot is there.
    """

    def __init__(self, db: Database, clock: Clock, *, threshold: float = 0.35, folder: Path | None = None) -> None:
        """`folder` is where this node keeps built indexes; without it every start builds them again."""
        self._db = db
        self._clock = clock
        self._threshold = threshold
        self._loader = Loader(db, folder)
        self._snapshots: dict[str, Index] = {}
        self._awaited: dict[str, None] = {}
        """Tenants that have knowledge which is not here yet."""
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def local(self) -> bool:
        """Searches run on snapshots in this process."""
        return True

    async def load(self) -> None:
        """Learn who has knowledge, and begin to make it ready; once, at start. Does not wait for that."""
        served = await repository.list_served(self._db)
        self._awaited.update((stamp.tenant_id, None) for stamp in served)
        launch(self._load_awaited(served), name="knowledge-load")

    async def close(self) -> None:
        """Stop what is being loaded; what is served goes on being served."""
        await stop(*self._loading.values())

    async def run(self) -> None:
        """Serve what other processes publish, a few seconds later. Until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.look_around()
            except Unavailable as error:
                _log.warning("knowledge.not_looked", reason=error.code)

    async def look_around(self) -> None:
        """Refresh every tenant whose served version is not the one in memory; one query when there is none."""
        for stamp in await repository.list_served(self._db):
            served = self._snapshots.get(stamp.tenant_id)
            if served is None or served.version != stamp.version:
                await self.refresh(stamp.tenant_id)

    async def retrieve(self, tenant_id: str, question: str, *, locale: str = "zh-CN", limit: int = 5) -> Retrieval:
        """What the served version says to a question, best passages first. Raises `Unavailable` at a start only."""
        index = self._snapshots.get(tenant_id)
        if index is None and tenant_id in self._awaited:
            await self._ready(tenant_id)
            index = self._snapshots.get(tenant_id)
            if index is None and tenant_id in self._awaited:
                raise Unavailable("The knowledge base is not ready yet.")
        if index is None:
            return policy.NO_KNOWLEDGE
        count = max(1, min(limit, MOST_PASSAGES))
        return policy.search(index, question, locale=locale, limit=count, threshold=self._threshold)

    search = retrieve

    async def refresh(self, tenant_id: str) -> int:
        """Serve what is published by now; its version. The old snapshot serves until the new one is whole."""
        async with self._locks.setdefault(tenant_id, asyncio.Lock()):
            return await self._refresh(tenant_id)

    async def import_folder(self, tenant_id: str, folder: Path, progress: Progress | None = None) -> ImportReport:
        """Make the tenant's imported articles what the folder says: add, update, delete, in one publication.

        A file that cannot be read is reported and changes nothing. `progress` is called from another thread. Raises
        `Invalid` when there is no such folder, `Conflict` when another process published meanwhile.
        """
        if not await asyncio.to_thread(folder.is_dir):
            raise Invalid("There is no such folder.", errors=[FieldError("$.folder", "an existing folder")])
        async with self._locks.setdefault(tenant_id, asyncio.Lock()):
            served = await repository.find_served(self._db, tenant_id)
            based_on = served.version if served else 0
            known = await repository.list_sources(self._db, tenant_id)
            read = await asyncio.to_thread(_read_folder, folder, progress)
            report, changes = self._compare(tenant_id, known, read, based_on)
            if report.version != based_on:
                await self._db.write(lambda: repository.publish(changes), key=tenant_id)
            await self._refresh(tenant_id)
        _log.info("knowledge.imported", tenant_id=tenant_id, version=report.version, problems=len(report.problems))
        return report

    async def list_articles(self, tenant_id: str, *, after: str = "", limit: int = 50) -> list[Article]:
        """Oldest first; `after` is the last article id of the page before."""
        return await repository.list_articles(self._db, tenant_id, after=after, limit=limit)

    async def get_article(self, tenant_id: str, article_id: str) -> Article:
        """Raises `NotFound`."""
        article = await repository.find_article(self._db, tenant_id, article_id)
        if article is None:
            raise NotFound("There is no such article.")
        return article

    async def passage(self, tenant_id: str, chunk_id: str) -> tuple[Chunk, Article]:
        """What a citation opens. Raises `NotFound`, also when the article was rewritten since."""
        chunk = await repository.find_chunk(self._db, tenant_id, chunk_id)
        if chunk is None:
            raise NotFound("This passage is no longer part of the knowledge base.")
        return chunk, await self.get_article(tenant_id, chunk.article_id)

    async def _load_awaited(self, served: list[Stamp]) -> None:
        """One after the other, so that those who ask meanwhile come first."""
        await self._loader.keep_only(served)
        for tenant_id in list(self._awaited):
            await self._ready(tenant_id)

    async def _ready(self, tenant_id: str) -> None:
        """Wait for the tenant's first snapshot; whoever else waits for it waits for the same."""
        if tenant_id not in self._awaited:
            return
        loading = self._loading.get(tenant_id)
        if loading is None:
            loading = self._loading[tenant_id] = spawn(self._load(tenant_id), name=f"knowledge-load:{tenant_id}")
            loading.add_done_callback(lambda _: self._loading.pop(tenant_id, None))
        await asyncio.shield(loading)

    async def _load(self, tenant_id: str) -> None:
        try:
            await self.refresh(tenant_id)
        except MiaohuiError as error:
            _log.warning("knowledge.not_loaded", tenant_id=tenant_id, reason=error.code)

    async def _refresh(self, tenant_id: str) -> int:
        """Until what was loaded is still what is published."""
        while (stamp := await repository.find_served(self._db, tenant_id)) is not None:
            served = self._snapshots.get(tenant_id)
            if served is None or served.version != stamp.version:
                served = await self._loader.load(stamp)
            if served is not None:
                self._snapshots[tenant_id] = served
                break
        self._awaited.pop(tenant_id, None)
        return stamp.version if stamp else 0

    def _compare(
        self, tenant_id: str, known: dict[str, tuple[str, str]], read: _Read, based_on: int
    ) -> tuple[ImportReport, repository.Changes]:
        broken = {problem.source for problem in read.problems}
        gone = [
            article_id
            for source, (article_id, _) in known.items()
            if source and source not in read.drafts and source.partition("#")[0] not in broken
        ]
        fresh = [draft for source, draft in read.drafts.items() if source not in known]
        changed = [
            (known[source][0], draft)
            for source, draft in read.drafts.items()
            if source in known and known[source][1] != draft.digest
        ]
        now_ms = self._clock.now_ms()
        store = [write_article(tenant_id, new_id("art"), draft, now_ms) for draft in fresh]
        store += [write_article(tenant_id, article_id, draft, now_ms) for article_id, draft in changed]
        delete = [*gone, *(article_id for article_id, _ in changed)]
        report = ImportReport(
            added=len(fresh),
            updated=len(changed),
            unchanged=len(read.drafts) - len(fresh) - len(changed),
            deleted=len(gone),
            problems=read.problems,
            version=based_on + 1 if store or delete else based_on,
        )
        changes = repository.Changes(tenant_id=tenant_id, based_on=based_on, delete=delete, store=store, at_ms=now_ms)
        return report, changes


def _read_folder(folder: Path, progress: Progress | None) -> _Read:
    root = folder.resolve()
    files = list_files(folder)
    if len(files) > MOST_FILES:
        raise Invalid(f"The folder holds more than {MOST_FILES} files.")
    drafts: dict[str, Draft] = {}
    problems: list[Problem] = []
    for number, path in enumerate(files):
        source = path.relative_to(root).as_posix()
        if progress:
            progress(number, len(files), source)
        try:
            drafts.update((draft.source, draft) for draft in read_file(path, source))
        except BrokenFile as error:
            problems.append(Problem(source, str(error)))
    if progress:
        progress(len(files), len(files), "")
    return _Read(drafts, tuple(problems))
