"""Writing, importing and searching a tenant's knowledge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import repeat
from pathlib import Path

import msgspec
from msgspec.structs import replace

from miaohui.conversations.asking import courtesy_of, questions_in, wanted
from miaohui.kit.aio import launch, spawn, stop
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import FieldError, Invalid, MiaohuiError, NotFound, Unavailable
from miaohui.kit.telemetry import get_log
from miaohui.knowledge import policy, repository
from miaohui.knowledge.editing.service import Editor
from miaohui.knowledge.editing.types import Finding
from miaohui.knowledge.gaps.service import Gaps
from miaohui.knowledge.health import MOST_FINDINGS, examine
from miaohui.knowledge.importing import Comparison, ImportReport, Progress, Read, compare_drafts, read_folder
from miaohui.knowledge.index import Index
from miaohui.knowledge.loading import Loader
from miaohui.knowledge.meaning.service import Meaning
from miaohui.knowledge.publishing import Changes, Publisher
from miaohui.knowledge.rehearsal import Point, picture
from miaohui.knowledge.scope import within
from miaohui.knowledge.server.meanings.repository import Meant
from miaohui.knowledge.server.service import ServerIndex
from miaohui.knowledge.server.types import Asked
from miaohui.knowledge.survey import Related, survey
from miaohui.knowledge.types import VISITORS, Article, Chunk, Retrieval, Scope, Stamp
from miaohui.knowledge.usage import find_unused, read_usage
from miaohui.knowledge.validity import next_change, valid_at
from miaohui.tenants.types import Standing

MOST_PASSAGES = 50
POLL_S = 3.0
_MOST_SCOPES = 200

_log = get_log(__name__)


class Knowledge:
    """One searchable snapshot per tenant, replaced whole; a search never waits for the database.

    Only a tenant's very first search after a start may have to wait: until its snapshot is there.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        threshold: float = 0.35,
        folder: Path | None = None,
        server: ServerIndex | None = None,
    ) -> None:
        """`folder` is where this node keeps built indexes; without it every start builds them again.

        With `server` questions are asked of the database server, and nothing is kept here.
        """
        self._db = db
        self._clock = clock
        self._threshold = threshold
        self._loader = Loader(db, folder)
        self._server = server
        self._publisher = Publisher(db, clock)
        self._snapshots: dict[str, Index] = {}
        self._changes_at: dict[str, int] = {}
        """When a snapshot must be made anew, because an article begins or ceases to hold."""
        self._awaited: dict[str, None] = {}
        """Tenants that have knowledge which is not here yet."""
        self._scopes: dict[str, tuple[Index | None, dict[Scope, Index]]] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.editor = Editor(db, clock, self.change)
        self.gaps = Gaps(db, clock, self.editor)
        self.meaning: Meaning | None = None
        """Asked where words find no answer."""

    @property
    def local(self) -> bool:
        """Searches run on snapshots in this process."""
        return self._server is None

    async def load(self) -> None:
        """Learn who has knowledge, and begin to make it ready; once, at start. Does not wait for that."""
        served = await repository.list_served(self._db)
        self._awaited.update((stamp.tenant_id, None) for stamp in served)
        launch(self._load_awaited(served), name="knowledge-load")

    def tenant_changed(self, tenant_id: str, standing: Standing) -> None:
        """What is kept in memory of a tenant that is gone is let go; see `Standings.on_change`."""
        if standing.state == "gone":
            launch(self.forget(tenant_id), name="knowledge-forget")

    async def forget(self, tenant_id: str) -> None:
        """Nothing of this tenant is searched here any more, and no file of this node tells of it."""
        for kept in (self._snapshots, self._changes_at, self._awaited, self._scopes, self._locks):
            kept.pop(tenant_id, None)
        if self._server is not None:
            self._server.forget(tenant_id)
        await self._loader.forget(tenant_id)

    async def close(self) -> None:
        """Stop what is being loaded; what is served goes on being served."""
        await stop(*self._loading.values())

    async def run(self) -> None:
        """Serve what other processes publish and what begins or ceases to hold, a few seconds later. Until cancelled.

        Writes down what could not be answered.
        """
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.look_around()
                await self.gaps.flush()
            except Unavailable as error:
                _log.warning("knowledge.not_looked", reason=error.code)

    async def look_around(self) -> None:
        """Refresh every tenant whose served version is not the one in memory; one query when there is none."""
        for stamp in await repository.list_served(self._db):
            if self._shown(stamp.tenant_id) != stamp.version:
                await self.refresh(stamp.tenant_id)
            if self._server is not None and self.meaning is not None:
                self._server.learn_meaning(stamp.tenant_id, self.meaning.embedder)
        now_ms = self._clock.now_ms()
        for tenant_id in [one for one, at_ms in self._changes_at.items() if at_ms <= now_ms]:
            self._show(tenant_id, self._snapshots[tenant_id])

    async def retrieve(  # noqa: PLR0913  (a question, and who asks it where)
        self,
        tenant_id: str,
        question: str,
        *,
        locale: str = "zh-CN",
        limit: int = 5,
        scope: Scope = VISITORS,
        before: str = "",
    ) -> Retrieval:
        """What the served version says to a question, best passages first; what it cannot answer is noted.

        `before` is a question that this one goes on from. Raises `Unavailable` at a start only.
        """
        found = await self._search(Asked(tenant_id, question, locale, limit, scope, before))
        if not found.answerable and found.version and courtesy_of(question) is None:
            self.gaps.note(tenant_id, question, locale, found.answerability)
        return found

    async def search(
        self, tenant_id: str, question: str, *, locale: str = "zh-CN", limit: int = 5, scope: Scope = VISITORS
    ) -> Retrieval:
        """The same, for somebody who only tries."""
        return await self._search(Asked(tenant_id, question, locale, limit, scope))

    async def _search(self, asked: Asked) -> Retrieval:
        """Of several questions in one message each is looked up; the whole answers when it tells as much."""
        asked = replace(asked, question=wanted(asked.question))
        whole = await self._look_up(asked)
        parts = questions_in(asked.question)
        if len(parts) < 2:
            return whole
        found = {
            part: await self._look_up(replace(asked, question=part, before=earlier))
            for earlier, part in zip((asked.before, *repeat(parts[0], len(parts) - 1)), parts, strict=True)
        }
        return whole if policy.tells_all(whole, found) else policy.merge(whole, found, asked.limit)

    async def _look_up(self, asked: Asked) -> Retrieval:
        if self._server is not None:
            return await self._ask_server(self._server, asked)
        index = await self._index(asked.tenant_id)
        if index is None:
            return policy.NO_KNOWLEDGE
        index = self._narrow(asked.tenant_id, index, asked.scope)
        found = policy.search(
            index,
            asked.question,
            locale=asked.locale,
            limit=max(1, min(asked.limit, MOST_PASSAGES)),
            threshold=self._threshold,
            before=asked.before,
        )
        if found.answerable or self.meaning is None:
            return found
        return await self.meaning.look_further(asked.tenant_id, index, asked.question, found)

    async def search_as_of(
        self, tenant_id: str, version: int, question: str, *, locale: str = "zh-CN", limit: int = 5
    ) -> Retrieval:
        """What a version said to a question; 0 is the one that is served. Raises `NotFound` for one that is gone."""
        if not version:
            return await self.search(tenant_id, question, locale=locale, limit=limit)
        if await repository.find_version(self._db, tenant_id, version) is None:
            raise NotFound("There is no such version of the knowledge base.")
        articles, chunks = await repository.count(self._db, tenant_id, version)
        stamp = Stamp(tenant_id=tenant_id, version=version, articles=articles, chunks=chunks, created_at_ms=0)
        # Not by way of the shelf, which keeps what is served.
        index = await Loader(self._db, None).load(stamp)
        count = max(1, min(limit, MOST_PASSAGES))
        return policy.search(index, question, locale=locale, limit=count, threshold=self._threshold)

    async def _ask_server(self, server: ServerIndex, asked: Asked) -> Retrieval:
        if asked.tenant_id in self._awaited:
            await self._ready(asked.tenant_id)
        bounded = msgspec.structs.replace(asked, limit=max(1, min(asked.limit, MOST_PASSAGES)))
        found = await server.search(bounded) or policy.NO_KNOWLEDGE
        if found.answerable or self.meaning is None or not found.version:
            return found
        vector = await self.meaning.ask(asked.tenant_id, asked.question)
        if vector is None:
            return found
        meant = Meant(self.meaning.embedder.model, vector)
        return self.meaning.merge(found, await server.find_by_meaning(bounded, meant))

    def _narrow(self, tenant_id: str, index: Index, scope: Scope) -> Index:
        """What is in scope; worked out once for each version. Most knowledge bases are for everybody whole."""
        shown, known = self._scopes.get(tenant_id, (None, {}))
        if shown is not index:
            shown, known = self._scopes[tenant_id] = index, {}
        if scope not in known:
            if len(known) >= _MOST_SCOPES:
                known.clear()
            known[scope] = within(index, scope)
        return known[scope]

    async def survey(self, tenant_id: str, text: str, *, limit: int = 10) -> tuple[Related, ...]:
        """The articles that a long text is about. Raises `Unavailable` at a start only."""
        index = await self._index(tenant_id)
        return () if index is None else await asyncio.to_thread(survey, index, text, limit=min(limit, MOST_PASSAGES))

    async def health(self, tenant_id: str) -> list[Finding]:
        """What a person should look at. Raises `Unavailable` at a start only."""
        index = await self._index(tenant_id)
        if index is None:
            return []
        now_ms = self._clock.now_ms()
        findings = await asyncio.to_thread(examine, index, now_ms)
        usage = await read_usage(self._db, tenant_id, now_ms)
        written_ms = await repository.list_written(self._db, tenant_id, index.version)
        ailing = {one.article_id for one in findings if one.ailment in {"expired", "never_found"}}
        return [*findings, *find_unused(index, usage, written_ms, now_ms, ailing)][:MOST_FINDINGS]

    async def picture(self, tenant_id: str) -> tuple[float, list[Point]]:
        """The threshold that holds, and what each would do. Raises `Unavailable` at a start only."""
        index = await self._index(tenant_id)
        points = [] if index is None else await asyncio.to_thread(picture, index.certainty, index.chunks[:])
        return self._threshold, points

    def _shown(self, tenant_id: str) -> int:
        """Version that is searched; 0 for none."""
        if self._server is not None:
            return self._server.shown(tenant_id)
        served = self._snapshots.get(tenant_id)
        return served.version if served else 0

    async def _index(self, tenant_id: str) -> Index | None:
        """For examining it as a whole; a database server's is made for that, and let go."""
        if self._server is not None:
            stamp = await repository.find_served(self._db, tenant_id)
            return None if stamp is None else await self._loader.load(stamp)
        index = self._snapshots.get(tenant_id)
        if index is None and tenant_id in self._awaited:
            await self._ready(tenant_id)
            index = self._snapshots.get(tenant_id)
            if index is None and tenant_id in self._awaited:
                raise Unavailable("The knowledge base is not ready yet.")
        return index

    async def refresh(self, tenant_id: str) -> int:
        """Serve what is published by now; its version. The old snapshot serves until the new one is whole."""
        async with self._locks.setdefault(tenant_id, asyncio.Lock()):
            return await self._refresh(tenant_id)

    async def change(self, tenant_id: str, act: str, work: Callable[[int], Awaitable[Changes]]) -> int:
        """Publish what `work` makes of the served version, and serve it: the version that is served then.

        Nothing is published when nothing changes. Raises `Conflict` when another process published meanwhile.
        """
        async with self._locks.setdefault(tenant_id, asyncio.Lock()):
            served = await repository.find_served(self._db, tenant_id)
            version = served.version if served else 0
            changes = await work(version)
            if changes.any:
                version = await self._publisher.publish(tenant_id, version, act, changes)
            await self._refresh(tenant_id)
        return version

    async def import_folder(self, tenant_id: str, folder: Path, progress: Progress | None = None) -> ImportReport:
        """Make the tenant's imported articles what the folder says: add, update, delete, in one publication.

        A file that cannot be read is reported and changes nothing. `progress` is called from another thread. Raises
        `Invalid` when there is no such folder, `Conflict` when another process published meanwhile.
        """
        if not await asyncio.to_thread(folder.is_dir):
            raise Invalid("There is no such folder.", errors=[FieldError("$.folder", "an existing folder")])
        read = await asyncio.to_thread(read_folder, folder, progress)
        return await self.import_drafts(tenant_id, read, all_of_them=True)

    async def import_drafts(self, tenant_id: str, read: Read, *, all_of_them: bool) -> ImportReport:
        """Publish what was read. What is not among it is deleted when these are `all_of_them`. Raises `Conflict`."""
        compared: list[Comparison] = []

        async def compare(version: int) -> Changes:
            known = await repository.list_sources(self._db, tenant_id, version)
            comparison = await compare_drafts(tenant_id, known, read, self._clock.now_ms(), all_of_them=all_of_them)
            compared.append(comparison)
            return comparison.changes

        version = await self.change(tenant_id, "import", compare)
        report = compared[-1].report(version, read.problems)
        _log.info("knowledge.imported", tenant_id=tenant_id, version=report.version, problems=len(report.problems))
        return report

    async def list_articles(self, tenant_id: str, *, after: str = "", limit: int = 50) -> list[Article]:
        """Oldest first; `after` is the last article id of the page before."""
        version = await self._version(tenant_id)
        return await repository.list_articles(self._db, tenant_id, version, after=after, limit=limit)

    async def get_article(self, tenant_id: str, article_id: str) -> Article:
        """As it is served. Raises `NotFound`."""
        article = await repository.find_article(self._db, tenant_id, await self._version(tenant_id), article_id)
        if article is None:
            raise NotFound("There is no such article.")
        return article

    async def passage(self, tenant_id: str, chunk_id: str) -> tuple[Chunk, Article]:
        """What a citation opens: the article as it was cited. Raises `NotFound`, also when that is forgotten."""
        found = await repository.find_passage(self._db, tenant_id, chunk_id)
        if found is None:
            raise NotFound("This passage is no longer part of the knowledge base.")
        return found

    async def _version(self, tenant_id: str) -> int:
        stamp = await repository.find_served(self._db, tenant_id)
        return stamp.version if stamp else 0

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
            if self._shown(tenant_id) == stamp.version:
                break
            if self._server is not None:
                await self._server.sync(stamp)
            else:
                self._show(tenant_id, await self._loader.load(stamp))
        self._awaited.pop(tenant_id, None)
        if self._server is not None and self.meaning is not None:
            self._server.learn_meaning(tenant_id, self.meaning.embedder)
        return stamp.version if stamp else 0

    def _show(self, tenant_id: str, index: Index) -> None:
        """From now on this is searched; turns that have begun keep what they found."""
        now_ms = self._clock.now_ms()
        before = [self._scopes.pop(tenant_id, None), self._snapshots.pop(tenant_id, None)]
        self._snapshots[tenant_id] = valid_at(index, now_ms)
        # Giving back what a large one holds is some ten milliseconds of the system's work.
        launch(asyncio.to_thread(before.clear), name="knowledge-forget")
        if self.meaning is not None:
            self.meaning.prepare_later(tenant_id, index)
        later = next_change(index, now_ms)
        if later is None:
            self._changes_at.pop(tenant_id, None)
        else:
            self._changes_at[tenant_id] = later
