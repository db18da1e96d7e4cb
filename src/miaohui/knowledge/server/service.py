"""The search tables kept up to date with what is published, and searched."""

from __future__ import annotations

from functools import partial
from itertools import islice

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.telemetry import get_log
from miaohui.knowledge import repository as records
from miaohui.knowledge import spelling
from miaohui.knowledge.embedding import embed
from miaohui.knowledge.meaning.ports import Embedder
from miaohui.knowledge.policy import prefers_chinese
from miaohui.knowledge.segment import Query, parse_question
from miaohui.knowledge.server import policy, repository
from miaohui.knowledge.server.lessons import Lessons
from miaohui.knowledge.server.meanings.repository import Meant
from miaohui.knowledge.server.meanings.service import Meanings
from miaohui.knowledge.server.packing import number
from miaohui.knowledge.server.ranking import Ranking, Scored
from miaohui.knowledge.server.statements import NEIGHBOURS
from miaohui.knowledge.server.types import Asked, Counts, Found, Stats
from miaohui.knowledge.server.weighing import Load, weigh
from miaohui.knowledge.types import Chunk, Passage, Retrieval, Stamp

REVISIONS_AT_ONCE = 1_500
"""Weighed by one process, which takes some tenths of a second to start."""
MUCH = 300
"""After so many articles were added, the server learns anew how much there is."""
ADDED_AT_ONCE = 20
"""In one transaction: of those whose conversations go the same way, nobody waits for more."""
FEW = 5_000
"""Of a tenant with so few chunks all vectors are compared: among those of others an index may not find them."""
_log = get_log(__name__)


class ServerIndex:
    """One for all tenants. A version is made searchable beside the one that is served, then shown."""

    def __init__(self, db: Database, clock: Clock, *, threshold: float) -> None:
        self._db = db
        self._clock = clock
        self._threshold = threshold
        self.lessons = Lessons(db)
        self.meanings = Meanings(db, clock)
        self._vectors: bool | None = None
        """Whether the server knows vectors; None before it was asked."""
        self._shown: dict[str, int] = {}

    def shown(self, tenant_id: str) -> int:
        """Version that is searched; 0 for none."""
        return self._shown.get(tenant_id, 0)

    def forget(self, tenant_id: str) -> None:
        """Nothing of this tenant is shown here any more."""
        self._shown.pop(tenant_id, None)

    async def sync(self, stamp: Stamp) -> None:
        """Make a publication searchable, and show it from now on."""
        vectors = await self._ready()
        tenant_id, version = stamp.tenant_id, stamp.version
        added = 0
        while missing := await repository.list_missing(self._db, tenant_id, version, REVISIONS_AT_ONCE):
            load = await self._load(tenant_id, [policy.Revision(*one) for one in missing])
            weighed = await weigh(load)
            while articles := list(islice(weighed, ADDED_AT_ONCE)):
                add = partial(repository.add, tenant_id, articles, policy.count(articles), vectors=vectors)
                added += len(articles) if await self._db.write(add, key=tenant_id) else 0
        await self.lessons.prepare(stamp)
        if added:
            await repository.settle(self._db, much=added >= MUCH)
        if vectors:
            await self._index_vectors(tenant_id)
        serve = partial(repository.serve, tenant_id, version, records.KEPT_VERSIONS, vectors=vectors)
        await self._db.write(serve, key=tenant_id)
        self._shown[tenant_id] = version

    async def _index_vectors(self, tenant_id: str) -> None:
        """Where there are many. Without the index all are compared, which is slower and as right."""
        _, stats = await repository.read_counts(self._db, tenant_id, ())
        if stats.chunks > FEW:
            try:
                await repository.index_vectors(self._db)
            except Exception as error:  # noqa: BLE001  (another node makes it, or the disk is full: what was published is shown)
                _log.warning("knowledge.vectors_not_indexed", tenant_id=tenant_id, error=str(error))

    async def _load(self, tenant_id: str, revisions: list[policy.Revision]) -> Load:
        chunks: list[tuple[str, Chunk]] = []
        for start in range(0, len(revisions), ADDED_AT_ONCE):
            some = [revision.id for revision in revisions[start : start + ADDED_AT_ONCE]]
            chunks += await records.list_chunks_of(self._db, tenant_id, some)
        return Load(revisions, chunks)

    async def search(self, asked: Asked) -> Retrieval | None:
        """None when nothing of this tenant is shown. Raises `Unavailable`."""
        version = self._shown.get(asked.tenant_id)
        if version is None:
            return None
        vectors = await self._ready()
        query, counts, stats = await self._read(asked)
        where = self._where(asked, version) | ({"vector": _write_vector(query)} if vectors else {})
        lesson = await self.lessons.ask(asked.tenant_id, version, query.text)
        ranking = Ranking(query, (counts, stats), lesson, chinese=prefers_chinese(query, asked.locale))
        scored = ranking.rank(await self._find(where, ranking, stats))
        sure = ranking.judge(scored)
        return Retrieval(
            passages=await self._tell(asked.tenant_id, scored[: asked.limit]),
            answerability=sure,
            answerable=sure >= self._threshold,
            version=version,
        )

    async def _read(self, asked: Asked) -> tuple[Query, Counts, Stats]:
        """What is asked, spelt as the articles spell it, and how often its terms occur."""
        query = parse_question(asked.words)
        counts, stats = await repository.read_counts(self._db, asked.tenant_id, _terms_of(query))

        def count(term: str) -> int:
            return sum(counts.get(number(term), ()))

        if guesses := spelling.guesses(query, count):
            more, _ = await repository.read_counts(self._db, asked.tenant_id, [number(term) for term in guesses])
            counts = {**counts, **more}
            query = spelling.mend(query, count)
        return query, counts, stats

    def learn_meaning(self, tenant_id: str, embedder: Embedder) -> None:
        """Have made what a model has not yet said of what is shown. Returns at once."""
        if self._vectors and tenant_id in self._shown:
            self.meanings.prepare_later(tenant_id, self._shown[tenant_id], embedder)

    async def find_by_meaning(self, asked: Asked, meant: Meant) -> tuple[Passage, ...]:
        """What means nearly the same, the nearest first; as far as the model was asked."""
        version = self._shown.get(asked.tenant_id)
        if version is None or not await self._ready():
            return ()
        _, stats = await repository.read_counts(self._db, asked.tenant_id, ())
        where = self._where(asked, version)
        near = await self.meanings.find(where, meant, exactly=stats.chunks <= FEW)
        chunks = await records.list_chunks_by_id(self._db, asked.tenant_id, [chunk_id for chunk_id, _ in near])
        return tuple(
            Passage(chunk=chunks[chunk_id], score=cosine, bm25=0.0, cosine=cosine)
            for chunk_id, cosine in near
            if chunk_id in chunks
        )

    def _where(self, asked: Asked, version: int) -> dict[str, object]:
        return {
            "of_tenant": asked.tenant_id,
            "at_version": version,
            "now_ms": self._clock.now_ms(),
            "audience": asked.scope.audience,
            "inbox": asked.scope.inbox,
            "languages": list(asked.scope.locales),
            "of_tags": list(asked.scope.tags),
        }

    async def _find(self, where: dict[str, object], ranking: Ranking, stats: Stats) -> Found:
        """By words; by vectors too, where words find little."""
        terms = ranking.terms()
        found = await repository.find_by_words(self._db, where, terms) if terms else Found()
        if meant := ranking.meant(found):
            found = _both(found, await repository.find_of_articles(self._db, where, meant))
        if "vector" not in where or not ranking.finds_little(found):
            return found
        near = await repository.find_by_vector(self._db, where, exactly=stats.chunks <= FEW)
        if len(near.chunks) < NEIGHBOURS < FEW < stats.chunks:
            near = await repository.find_by_vector(self._db, where, exactly=True)
        return _both(found, near)

    async def _tell(self, tenant_id: str, scored: list[Scored]) -> tuple[Passage, ...]:
        chunks = await records.list_chunks_by_id(self._db, tenant_id, [one.chunk_id for one in scored])
        return tuple(
            Passage(chunk=chunks[one.chunk_id], score=one.fused, bm25=one.bm25, cosine=one.cosine)
            for one in scored
            if one.chunk_id in chunks
        )

    async def _ready(self) -> bool:
        if self._vectors is None:
            self._vectors = await repository.prepare(self._db)
        return self._vectors


def _both(found: Found, other: Found) -> Found:
    known = {one.chunk_id for one in found.chunks}
    more = tuple(one for one in other.chunks if one.chunk_id not in known)
    return Found(found.chunks + more, found.articles | other.articles)


def _terms_of(query: Query) -> list[int]:
    """What is scored, and what it is judged by whether there is an answer."""
    said = [text for word in query.words for text in (word.text, word.core, *word.within) if text]
    return list({number(term) for term in (*query.weights, *query.synonyms, *query.pairs, *said)})


def _write_vector(query: Query) -> str:
    return policy.write_vector(embed(query.text))
