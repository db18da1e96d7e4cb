"""Reading and writing the search tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from miaohui.kit.database import Database, Operation, Row
from miaohui.knowledge.scope import AUDIENCE, INBOX
from miaohui.knowledge.server import statements as sql
from miaohui.knowledge.server.policy import count_groups
from miaohui.knowledge.server.types import Candidate, CandidateArticle, Counts, Stats, WeighedArticle, Weights

_weights = msgspec.msgpack.Decoder(Weights).decode
_anchors = msgspec.msgpack.Decoder(tuple[Weights, ...]).decode
_encode = msgspec.msgpack.Encoder().encode


async def prepare(db: Database) -> bool:
    """Make what is not there yet; whether the server knows vectors."""
    vectors = bool((await db.read(sql.HAS_VECTOR))[0]["there"])

    def make() -> Operation[None]:
        if vectors:
            yield sql.EXTENSION, {}
        yield sql.CHUNKS_WITH_VECTORS if vectors else sql.CHUNKS_WITHOUT, {}
        for statement in (*sql.REST, *([sql.NEAR] if vectors else [])):
            yield statement, {}

    await db.write(make, key="search")
    return vectors


async def list_missing(db: Database, tenant_id: str, version: int, most: int) -> list[tuple[str, int, int]]:
    """Revisions of a version that are not searchable yet: id, born, ended."""
    rows = await db.read(sql.MISSING, {"of_tenant": tenant_id, "at_version": version, "most": most})
    return [(row["id"], row["born"], row["ended"]) for row in rows]


def add(
    tenant_id: str, articles: Sequence[WeighedArticle], counted: tuple[Counts, Stats], *, vectors: bool
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
        "whole": _encode(article.whole),
        "anchors": _encode(article.anchors),
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
    for chunk in article.chunks:
        values = {
            "chunk": chunk.chunk_id,
            "chinese": chunk.chinese,
            "words": [own(tenant_id, term) for term in chunk.weights],
            "weights": _encode(chunk.weights),
        }
        yield shared | values | ({"vector": write(chunk.vector)} if vectors else {})


def _add_counts(tenant_id: str, counted: tuple[Counts, Stats], sign: int) -> Operation[None]:
    counts, stats = counted
    values = list(counts.values())
    yield (
        sql.COUNT,
        {
            "of_tenant": tenant_id,
            "terms": list(counts),
            "bodies": [sign * one[0] for one in values],
            "wholes": [sign * one[1] for one in values],
            "anchors": [sign * one[2] for one in values],
        },
    )
    sizes = {name: sign * getattr(stats, name) for name in Stats.__struct_fields__ if name != "version"}
    yield sql.SIZE, sizes | {"of_tenant": tenant_id}


def serve(tenant_id: str, version: int, kept: int) -> Operation[None]:
    """What ended before this version is ended here too, and what no version shows any more is gone."""
    tenant = {"of_tenant": tenant_id}
    yield sql.LOCK, tenant
    yield sql.END_ARTICLES, tenant | {"at_version": version}
    yield sql.END_CHUNKS, tenant | {"at_version": version}
    chunks = yield sql.FORGET_CHUNKS, tenant | {"old": version - kept}
    articles = yield sql.FORGET_ARTICLES, tenant | {"old": version - kept}
    if articles:
        bodies = [_weights(row["weights"]) for row in chunks]
        wholes = [_weights(row["whole"]) for row in articles]
        anchors = [anchor for row in articles for anchor in _anchors(row["anchors"])]
        yield from _add_counts(tenant_id, count_groups(bodies, wholes, anchors), -1)
    yield sql.SERVE, tenant | {"at_version": version}


async def read_stats(db: Database, tenant_id: str) -> Stats:
    """Empty for a tenant of which nothing is searchable."""
    rows = await db.read(sql.STATS, {"of_tenant": tenant_id})
    if not rows:
        return Stats()
    row = rows[0]
    return Stats(**{name: row[name] for name in Stats.__struct_fields__})


async def read_counts(db: Database, tenant_id: str, terms: Iterable[str]) -> Counts:
    """Of the terms that occur at all."""
    rows = await db.read(sql.COUNTS, {"of_tenant": tenant_id, "terms": list(terms)})
    return {row["term"]: (row["body"], row["whole"], row["anchor"]) for row in rows if row["body"] > 0}


async def find_by_words(db: Database, where: dict[str, object], terms: dict[str, float], most: int) -> list[Candidate]:
    """Those that hold the most of these terms."""
    tenant_id = str(where["of_tenant"])
    told = {"terms": [f"'{own(tenant_id, term)}'" for term in terms], "worths": list(terms.values()), "most": most}
    statement = sql.BY_WORDS_WITH_VECTORS if "vector" in where else sql.BY_WORDS
    return [_candidate(row) for row in await db.read(statement, where | told)]


async def find_by_vector(db: Database, where: dict[str, object], most: int) -> list[Candidate]:
    """The nearest."""
    return [_candidate(row) for row in await db.read(sql.BY_VECTOR, where | {"most": most})]


async def find_articles(
    db: Database, tenant_id: str, version: int, article_ids: Iterable[str]
) -> dict[str, CandidateArticle]:
    """By id."""
    told = {"of_tenant": tenant_id, "at_version": version, "ids": list(article_ids)}
    return {
        row["article_id"]: CandidateArticle(_weights(row["whole"]), _anchors(row["anchors"]))
        for row in await db.read(sql.ARTICLES, told)
    }


def own(tenant_id: str, term: str) -> str:
    """A term of one tenant's, without what would end it."""
    mark = hashlib.sha256(tenant_id.encode()).hexdigest()[:8]
    return f"{mark}_{term.replace(chr(39), '').replace(chr(92), '')[:200]}"


def write(vector: Sequence[float]) -> str:
    """As pgvector reads one."""
    return "[" + ",".join(f"{part:.6g}" for part in vector) + "]"


def _candidate(row: Row) -> Candidate:
    return Candidate(row["chunk_id"], row["article_id"], _weights(row["weights"]), row["chinese"], float(row["cosine"]))
