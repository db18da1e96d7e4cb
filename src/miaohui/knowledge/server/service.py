"""The search tables kept up to date with what is published, and searched."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.knowledge import repository as records
from miaohui.knowledge.embedding import embed
from miaohui.knowledge.policy import prefers_chinese
from miaohui.knowledge.segment import parse_question
from miaohui.knowledge.server import policy, repository
from miaohui.knowledge.server.types import Asked, Candidate, WeighedArticle
from miaohui.knowledge.types import Chunk, Passage, Retrieval, Stamp

CANDIDATES = 80
NEAREST = 20
REVISIONS_AT_ONCE = 200


class ServerIndex:
    """One for all tenants. A version is made searchable beside the one that is served, then shown."""

    def __init__(self, db: Database, clock: Clock, *, threshold: float) -> None:
        self._db = db
        self._clock = clock
        self._threshold = threshold
        self._vectors: bool | None = None
        """Whether the server knows vectors; None before it was asked."""
        self._shown: dict[str, int] = {}

    def shown(self, tenant_id: str) -> int:
        """Version that is searched; 0 for none."""
        return self._shown.get(tenant_id, 0)

    async def sync(self, stamp: Stamp) -> None:
        """Make a publication searchable, and show it from now on."""
        vectors = await self._ready()
        tenant_id, version = stamp.tenant_id, stamp.version
        while missing := await repository.list_missing(self._db, tenant_id, version, REVISIONS_AT_ONCE):
            revisions = {id_: policy.Revision(id_, born, ended) for id_, born, ended in missing}
            chunks = await records.list_chunks_of(self._db, tenant_id, list(revisions))
            articles = await asyncio.to_thread(_weigh, revisions, chunks)
            add = partial(repository.add, tenant_id, articles, policy.count(articles), vectors=vectors)
            await self._db.write(add, key=tenant_id)
        await self._db.write(lambda: repository.serve(tenant_id, version, records.KEPT_VERSIONS), key=tenant_id)
        self._shown[tenant_id] = version

    async def search(self, asked: Asked) -> Retrieval | None:
        """None when nothing of this tenant is shown. Raises `Unavailable`."""
        tenant_id, scope = asked.tenant_id, asked.scope
        version = self._shown.get(tenant_id)
        if version is None:
            return None
        vectors = await self._ready()
        query = parse_question(asked.question)
        stats, counts = await asyncio.gather(
            repository.read_stats(self._db, tenant_id),
            repository.read_counts(self._db, tenant_id, [*query.weights, *query.synonyms]),
        )
        where: dict[str, object] = {
            "of_tenant": tenant_id,
            "at_version": version,
            "now_ms": self._clock.now_ms(),
            "audience": scope.audience,
            "inbox": scope.inbox,
            "languages": list(scope.locales),
            "of_tags": list(scope.tags),
        }
        if vectors:
            where["vector"] = repository.write(embed(query.text).tolist())
        ranking = policy.Ranking(query, counts, stats, chinese=prefers_chinese(query, asked.locale))
        found = await self._find(where, ranking)
        articles = await repository.find_articles(self._db, tenant_id, version, {one.article_id for one in found})
        scored = ranking.rank(found, articles)
        sure = ranking.judge(scored, {one.chunk_id: one.weights for one in found})
        return Retrieval(
            passages=await self._tell(tenant_id, scored[: asked.limit]),
            answerability=sure,
            answerable=sure >= self._threshold,
            version=version,
        )

    async def _find(self, where: dict[str, object], ranking: policy.Ranking) -> list[Candidate]:
        """By words; by vectors too, where words find little."""
        terms = ranking.terms()
        found = await repository.find_by_words(self._db, where, terms, CANDIDATES) if terms else []
        if "vector" in where and ranking.finds_little(found):
            known = {one.chunk_id for one in found}
            near = await repository.find_by_vector(self._db, where, NEAREST)
            found += [one for one in near if one.chunk_id not in known]
        return found

    async def _tell(self, tenant_id: str, scored: list[policy.Scored]) -> tuple[Passage, ...]:
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


def _weigh(revisions: Mapping[str, policy.Revision], chunks: Sequence[tuple[str, Chunk]]) -> list[WeighedArticle]:
    """A revision without chunks is one too: it would be looked for for ever."""
    by_revision = {id_: [chunk for _, chunk in group] for id_, group in groupby(chunks, key=lambda one: one[0])}
    return [policy.weigh(revision, by_revision.get(id_, [])) for id_, revision in revisions.items()]
