"""Reading and writing the search tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from miaohui.kit.database import Database, Operation, Row
from miaohui.kit.pgvector import has_vectors
from miaohui.knowledge.scope import AUDIENCE, INBOX
from miaohui.knowledge.server import statements as sql
from miaohui.knowledge.server.packing import spell
from miaohui.knowledge.server.policy import count_packed
from miaohui.knowledge.server.types import Candidate, CandidateArticle, Counts, Found, Stats, Tally, WeighedArticle

KEPT_LESSONS = 3
"""Versions for which it is kept what was taught: another process may show one a little longer."""


async def prepare(db: Database) -> bool:
    """Make what is not there yet, and anew what is of another form; whether the server knows vectors."""
    vectors = await has_vectors(db)

    def make() -> Operation[None]:
        yield sql.LOCK, {"of_tenant": ""}
        yield sql.FORM, {}
        form = yield sql.FIND_FORM, {}
        wanted = sql.FORM_WITH_VECTORS if vectors else sql.FORM_WITHOUT
        if not form or form[0]["form"] != wanted:
            for statement in (*sql.DROP, *(sql.WITH_VECTORS if vectors else sql.WITHOUT)):
                yield statement, {}
            yield sql.SET_FORM, {"form": wanted}
        for statement in (*sql.MORE, *(sql.MORE_WITH_VECTORS if vectors else ())):
            yield statement, {}

    await db.write(make, key="search")
    return vectors


async def list_missing(db: Database, tenant_id: str, version: int, most: int) -> list[tuple[str, int, int]]:
    """Revisions of a version that are not searchable yet: id, born, ended."""
    rows = await db.read(sql.MISSING, {"of_tenant": tenant_id, "at_version": version, "most": most})
    return [(row["id"], row["born"], row["ended"]) for row in rows]


def add(
    tenant_id: str, articles: Sequence[WeighedArticle], counted: tuple[Tally, Stats], *, vectors: bool
) -> Operation[bool]:
    """Make revisions searchable; False when another process has done some of them meanwhile, and nothing was."""
    yield sql.LOCK, {"of_tenant": tenant_id}
    if (yield sql.KNOWN, {"of_tenant": tenant_id, "ids": [one.revision_id for one in articles]}):
        return False
    for article in articles:
        yield sql.ADD_ARTICLE, _article_values(tenant_id, article)
        for values in _chunk_values(tenant_id, article, vectors=vectors):
            yield sql.ADD_CHUNK_WITH_VECTOR if vectors else sql.ADD_CHUNK_WITHOUT, values
    yield from _add_counts(tenant_id, counted, 1)
    return True


def _article_values(tenant_id: str, article: WeighedArticle) -> dict[str, object]:
    return {
        "of_tenant": tenant_id,
        "revision": article.revision_id,
        "article": article.article_id,
        "born": article.born,
        "ended": article.ended,
        "whole": article.whole,
        "anchors": article.anchors,
    }


def _chunk_values(tenant_id: str, article: WeighedArticle, *, vectors: bool) -> Iterable[dict[str, object]]:
    shared = {
        "of_tenant": tenant_id,
        "article": article.article_id,
        "revision": article.revision_id,
        "born": article.born,
        "ended": article.ended,
        "valid_from": article.valid_from_ms,
        "valid_until": article.valid_until_ms,
        "language": article.locale,
        "tags": list(article.tags),
        "audiences": [tag.removeprefix(AUDIENCE) for tag in article.tags if tag.startswith(AUDIENCE)],
        "inboxes": [tag.removeprefix(INBOX) for tag in article.tags if tag.startswith(INBOX)],
    }
    mark = _mark(tenant_id)
    for chunk in article.chunks:
        values = {
            "chunk": chunk.chunk_id,
            "chinese": chunk.chinese,
            "words": spell(chunk.weights, mark),
            "weights": chunk.weights,
        }
        yield shared | values | ({"vector": chunk.vector} if vectors else {})


def _add_counts(tenant_id: str, counted: tuple[Tally, Stats], sign: int) -> Operation[None]:
    tally, stats = counted
    signed = {
        name: values if sign > 0 else [-value for value in values]
        for name, values in (("bodies", tally.bodies), ("wholes", tally.wholes), ("anchors", tally.anchors))
    }
    yield (
        sql.COUNT,
        signed | {"of_tenant": tenant_id, "terms": tally.terms},
    )
    sizes = {name: sign * getattr(stats, name) for name in Stats.__struct_fields__ if name != "version"}
    yield sql.SIZE, sizes | {"of_tenant": tenant_id}


def serve(tenant_id: str, version: int, kept: int, *, vectors: bool) -> Operation[None]:
    """What ended before this version is ended here too, and what no version shows any more is gone."""
    tenant = {"of_tenant": tenant_id}
    yield sql.LOCK, tenant
    yield sql.END_ARTICLES, tenant | {"at_version": version}
    yield sql.END_CHUNKS, tenant | {"at_version": version}
    if vectors:
        yield sql.FORGET_MEANT, tenant | {"old": version - kept}
    chunks = yield sql.FORGET_BODIES, tenant | {"old": version - kept}
    yield sql.FORGET_CHUNKS, tenant | {"old": version - kept}
    articles = yield sql.FORGET_ARTICLES, tenant | {"old": version - kept}
    if articles:
        bodies = [row["weights"] for row in chunks]
        gone = count_packed(bodies, [row["whole"] for row in articles], [row["anchors"] for row in articles])
        yield from _add_counts(tenant_id, gone, -1)
        if vectors:
            yield sql.FORGET_MEANINGS, tenant
    yield sql.SERVE, tenant | {"at_version": version}


async def find_digest(db: Database, tenant_id: str, version: int) -> tuple[int, str]:
    """For which version was last learned from sample questions, and from which; 0 for none."""
    rows = await db.read(sql.FIND_DIGEST, {"of_tenant": tenant_id, "at_version": version})
    return (rows[0]["version"], rows[0]["digest"]) if rows else (0, "")


def keep_taught(tenant_id: str, version: int, digest: str, taught: bytes) -> Operation[None]:
    """What sample questions taught for this version."""
    yield (
        sql.KEEP_TAUGHT,
        {"of_tenant": tenant_id, "at_version": version, "digest": digest, "taught": taught},
    )
    yield sql.FORGET_TAUGHT, {"of_tenant": tenant_id, "old": version - KEPT_LESSONS}


def carry_taught(tenant_id: str, version: int, since: int) -> Operation[None]:
    """It is still what it was for an older version."""
    yield sql.CARRY_TAUGHT, {"of_tenant": tenant_id, "at_version": version, "since": since}
    yield sql.FORGET_TAUGHT, {"of_tenant": tenant_id, "old": version - KEPT_LESSONS}


async def find_taught(db: Database, tenant_id: str, version: int) -> bytes | None:
    """None for a version that is older than is kept."""
    rows = await db.read(sql.FIND_TAUGHT, {"of_tenant": tenant_id, "at_version": version})
    return rows[0]["taught"] if rows else None


async def settle(db: Database, *, much: bool) -> None:
    """After something was added what the server put off is done; after `much` it learns anew how much there is.

    Not as writes: these take minutes when there is much, and conversations would wait behind them.
    """
    await db.read(sql.CLEAN)
    for statement in sql.ANALYZE if much else ():
        await db.read(statement)


async def index_vectors(db: Database) -> None:
    """Make the index over all vectors where it is not there yet, while others read and write; takes minutes."""
    rows = await db.read(sql.FIND_NEAR_INDEX)
    if rows and not rows[0]["valid"] and not rows[0]["being_made"]:
        await db.read(sql.DROP_NEAR_INDEX)  # who made it was killed
        rows = ()
    if not rows:
        await db.read(sql.MAKE_NEAR_INDEX)


async def read_counts(db: Database, tenant_id: str, terms: Iterable[int]) -> tuple[Counts, Stats]:
    """Of the terms that occur at all; sizes are 0 for a tenant of which nothing is searchable."""
    rows = await db.read(sql.COUNTS, {"of_tenant": tenant_id, "terms": list(terms)})
    stats = Stats(**{name: rows[0][name] for name in Stats.__struct_fields__}) if rows else Stats()
    return {row["term"]: (row["body"], row["whole"], row["anchor"]) for row in rows if (row["body"] or 0) > 0}, stats


async def find_by_words(db: Database, where: dict[str, object], terms: dict[int, float]) -> Found:
    """Those that hold the most of these terms."""
    mark = _mark(str(where["of_tenant"]))
    told = {"terms": [f"{mark}{term:08x}" for term in terms], "worths": list(terms.values())}
    statement = sql.BY_WORDS_WITH_VECTORS if "vector" in where else sql.BY_WORDS
    return _found(await db.read(statement, where | told))


async def find_of_articles(db: Database, where: dict[str, object], article_ids: Sequence[str]) -> Found:
    """What these articles hold."""
    statement = sql.OF_ARTICLES_WITH_VECTORS if "vector" in where else sql.OF_ARTICLES
    return _found(await db.read(statement, where | {"articles": list(article_ids)}))


async def find_by_vector(db: Database, where: dict[str, object], *, exactly: bool) -> Found:
    """The nearest."""
    return _found(await db.read(sql.NEAREST_OF_ALL if exactly else sql.NEAREST, where))


def _mark(tenant_id: str) -> str:
    """What begins each of a tenant's terms."""
    return hashlib.sha256(tenant_id.encode()).hexdigest()[:8]


def _found(rows: Sequence[Row]) -> Found:
    return Found(
        tuple(
            Candidate(
                row["chunk_id"],
                row["article_id"],
                row["revision_id"],
                row["weights"],
                row["chinese"],
                float(row["cosine"]),
            )
            for row in rows
            if row["chunk_id"] is not None
        ),
        {
            row["revision_id"]: CandidateArticle(row["weights"], row["anchors"])
            for row in rows
            if row["chunk_id"] is None
        },
    )
