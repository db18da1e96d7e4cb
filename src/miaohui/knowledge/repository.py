"""What is served, read from the records; and the steps of a publication."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec

from miaohui.kit.database import Database, Operation, Row
from miaohui.kit.errors import Conflict
from miaohui.kit.ids import new_id
from miaohui.knowledge import statements as sql
from miaohui.knowledge.types import Article, Chunk, Making, Stamp, VersionNote

REVISIONS_AT_ONCE, MOST_REVISIONS_AT_ONCE = 12, 200
CHUNKS_AT_ONCE = 80
"""Taking so many out of the records is a millisecond or two in which nobody else is served."""
KEPT_VERSIONS = 50
"""So many versions can be looked at and rolled back to."""

_words = msgspec.json.Decoder(tuple[str, ...])


def begin(making: Making) -> Operation[None]:
    """Claim the next version for what `making` is about to write. What a publisher that died left is thrown away.

    Raises `Conflict` when another publication came between, or is under way.
    """
    tenant = {"of_tenant": making.tenant_id}
    served = yield sql.FIND_SERVED, tenant
    if (served[0]["version"] if served else 0) != making.based_on:
        raise Conflict("The knowledge base was changed meanwhile; do it again.", code="knowledge_changed")
    others = yield sql.FIND_IN_MAKING, tenant
    if others and others[0]["lease_until_ms"] > making.at_ms:
        raise Conflict("The knowledge base is being published; do it again in a moment.", code="knowledge_changed")
    yield from _clear(making)
    yield (
        sql.INSERT_VERSION,
        {
            "tenant_id": making.tenant_id,
            "version": making.version,
            "active": -1,
            "articles": 0,
            "chunks": 0,
            "created_at_ms": making.at_ms,
            "act": making.act,
            "actor": making.owner,
            "lease_until_ms": making.lease_until_ms,
        },
    )


def abandon(making: Making) -> Operation[None]:
    """Throw away what was written for a version that will not be."""
    if (yield from _renew(making)):
        yield from _clear(making)


def _clear(making: Making) -> Operation[None]:
    before = {"of_tenant": making.tenant_id, "at_version": making.based_on}
    yield sql.DELETE_UNBORN, before
    yield sql.REVIVE, before
    yield sql.DELETE_IN_MAKING, {"of_tenant": making.tenant_id}


def end_revisions(making: Making, article_ids: Sequence[str]) -> Operation[None]:
    """These articles are served no more from the version on that is being made. Raises `Conflict`."""
    yield from _keep(making)
    for article_id in article_ids:
        yield (
            sql.END_REVISION,
            {"of_tenant": making.tenant_id, "of_article": article_id, "at_version": making.version},
        )


def store_revisions(making: Making, written: Sequence[tuple[Article, Sequence[Chunk]]]) -> Operation[None]:
    """These revisions are served from the version on that is being made. Raises `Conflict`."""
    yield from _keep(making)
    for article, chunks in written:
        revision_id = new_id("rev")
        yield sql.INSERT_REVISION, _revision_values(article, revision_id, making.version)
        for chunk in chunks:
            yield sql.INSERT_CHUNK, _chunk_values(article.tenant_id, revision_id, chunk)


def serve(making: Making, articles: int, chunks: int) -> Operation[int]:
    """Make it the served version: its number. Raises `Conflict` when it was taken for dead meanwhile."""
    yield from _keep(making)
    tenant = {"of_tenant": making.tenant_id}
    yield sql.RETIRE_VERSION, tenant
    now = {"now_articles": articles, "now_chunks": chunks, "at_ms": making.at_ms}
    yield sql.SERVE, tenant | now | {"at_version": making.version}
    oldest = making.version - KEPT_VERSIONS
    if oldest > 0:
        yield sql.DELETE_OLD_VERSIONS, tenant | {"at_version": oldest}
        yield sql.DELETE_FORGOTTEN, tenant | {"at_version": oldest}
    return making.version


def _keep(making: Making) -> Operation[None]:
    if not (yield from _renew(making)):
        raise Conflict("The knowledge base was changed meanwhile; do it again.", code="knowledge_changed")


def _renew(making: Making) -> Operation[bool]:
    rows = yield (
        sql.RENEW,
        {
            "of_tenant": making.tenant_id,
            "at_version": making.version,
            "of_actor": making.owner,
            "until_ms": making.lease_until_ms,
        },
    )
    return bool(rows)


async def find_served(db: Database, tenant_id: str) -> Stamp | None:
    """The served publication; None when the tenant has none."""
    rows = await db.read(sql.FIND_SERVED, {"of_tenant": tenant_id})
    return _stamp(rows[0]) if rows else None


async def list_served(db: Database) -> list[Stamp]:
    """The served publication of each tenant that has knowledge."""
    return [_stamp(row) for row in await db.read(sql.LIST_SERVED)]


async def list_versions(db: Database, tenant_id: str, *, limit: int) -> list[VersionNote]:
    """The newest first."""
    return [_note(row) for row in await db.read(sql.LIST_VERSIONS, {"of_tenant": tenant_id, "most": limit})]


async def find_version(db: Database, tenant_id: str, version: int) -> VersionNote | None:
    """None for one that never was, or is forgotten."""
    rows = await db.read(sql.FIND_VERSION, {"of_tenant": tenant_id, "at_version": version})
    return _note(rows[0]) if rows else None


async def list_sources(db: Database, tenant_id: str, version: int) -> dict[str, tuple[str, str]]:
    """Source to article id and digest."""
    rows = await db.read(sql.LIST_SOURCES, {"of_tenant": tenant_id, "at_version": version})
    return {row["source"] or row["article_id"]: (row["article_id"], row["digest"]) for row in rows}


async def list_digests(db: Database, tenant_id: str, version: int) -> dict[str, tuple[str, str]]:
    """Article id to revision id and title, as a version serves them."""
    rows = await db.read(sql.LIST_DIGESTS, {"of_tenant": tenant_id, "at_version": version})
    return {row["article_id"]: (row["id"], row["title"]) for row in rows}


async def list_gone(db: Database, tenant_id: str, since: int, version: int) -> list[str]:
    """Articles of one version that a later one does not serve, or not as they were."""
    between = {"of_tenant": tenant_id, "since": since, "at_version": version}
    return [row["article_id"] for row in await db.read(sql.LIST_GONE, between)]


async def list_samples(db: Database, tenant_id: str, version: int) -> list[tuple[str, tuple[str, ...]]]:
    """Articles that have sample questions, and those."""
    rows = await db.read(sql.LIST_SAMPLES, {"of_tenant": tenant_id, "at_version": version})
    return [(row["article_id"], parse_words(row["questions"])) for row in rows]


async def list_written(db: Database, tenant_id: str, version: int) -> dict[str, int]:
    """Article id to when it was last written, milliseconds."""
    rows = await db.read(sql.LIST_WRITTEN, {"of_tenant": tenant_id, "at_version": version})
    return {row["article_id"]: row["updated_at_ms"] for row in rows}


async def list_revision_ids(db: Database, tenant_id: str, version: int) -> list[str]:
    """Of all articles, by article."""
    return [row["id"] for row in await db.read(sql.LIST_IDS, {"of_tenant": tenant_id, "at_version": version})]


async def count(db: Database, tenant_id: str, version: int) -> tuple[int, int]:
    """Articles and chunks that a version serves, or will."""
    at = {"of_tenant": tenant_id, "at_version": version}
    articles, chunks = await db.read(sql.COUNT_ARTICLES, at), await db.read(sql.COUNT_CHUNKS, at)
    return articles[0][0], chunks[0][0]


async def list_chunks(db: Database, tenant_id: str, version: int, *, since: int = 0) -> AsyncIterator[list[Chunk]]:
    """Every chunk of the articles that a version serves and the version `since` did not.

    Those of one article together and in its order; some at a time, so that nobody waits long.
    """
    after, most = "", REVISIONS_AT_ONCE
    while True:
        place = {"of_tenant": tenant_id, "at_version": version, "since": since, "after": after, "most": most}
        revisions = await db.read(sql.LIST_REVISIONS, place)
        if not revisions:
            return
        after = revisions[-1]["article_id"]
        found = [chunk for _, chunk in await list_chunks_of(db, tenant_id, [row["id"] for row in revisions])]
        yield sorted(found, key=lambda chunk: (chunk.article_id, chunk.ordinal))
        if len(revisions) < most:
            return
        # Articles may have one chunk or a hundred.
        most = min(max(most * CHUNKS_AT_ONCE // max(len(found), 1), 1), most * 2, MOST_REVISIONS_AT_ONCE)


async def list_chunks_of(db: Database, tenant_id: str, revision_ids: Sequence[str]) -> list[tuple[str, Chunk]]:
    """Every chunk of these revisions with the revision's id, those of one together and in its order."""
    rows = await db.read(sql.LIST_OF_REVISIONS, {"of_tenant": tenant_id, "ids": list(revision_ids)})
    return [(row["revision_id"], _chunk(row)) for row in rows]


async def list_chunks_by_id(db: Database, tenant_id: str, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
    """Those that are there."""
    if not chunk_ids:
        return {}
    rows = await db.read(sql.LIST_BY_ID, {"of_tenant": tenant_id, "ids": list(chunk_ids)})
    return {row["id"]: _chunk(row) for row in rows}


async def list_articles(db: Database, tenant_id: str, version: int, *, after: str, limit: int) -> list[Article]:
    """By id, which is by age."""
    rows = await db.read(
        sql.LIST_ARTICLES, {"of_tenant": tenant_id, "at_version": version, "after": after, "most": limit}
    )
    return [_article(row) for row in rows]


async def find_article(db: Database, tenant_id: str, version: int, article_id: str) -> Article | None:
    """As a version serves it. None also for another tenant's."""
    rows = await db.read(sql.GET_ARTICLE, {"of_tenant": tenant_id, "at_version": version, "of_article": article_id})
    return _article(rows[0]) if rows else None


async def find_passage(db: Database, tenant_id: str, chunk_id: str) -> tuple[Chunk, Article] | None:
    """A chunk and the article as it was when the chunk was made. None also for another tenant's."""
    rows = await db.read(sql.GET_CHUNK, {"of_tenant": tenant_id, "of_chunk": chunk_id})
    if not rows:
        return None
    revision = await db.read(sql.GET_REVISION, {"of_tenant": tenant_id, "of_revision": rows[0]["revision_id"]})
    return (_chunk(rows[0]), _article(revision[0])) if revision else None


def _revision_values(article: Article, revision_id: str, version: int) -> dict[str, str | int]:
    return {
        "id": revision_id,
        "tenant_id": article.tenant_id,
        "article_id": article.id,
        "born": version,
        "ended": 0,
        "title": article.title,
        "text": article.text,
        "locale": article.locale,
        "tags": format_words(article.tags),
        "questions": format_words(article.questions),
        "names": format_words(article.names),
        "source": article.source,
        "digest": article.digest,
        "valid_from_ms": article.valid_from_ms,
        "valid_until_ms": article.valid_until_ms,
        "updated_at_ms": article.updated_at_ms,
    }


def _chunk_values(tenant_id: str, revision_id: str, chunk: Chunk) -> dict[str, str | int]:
    return {
        "id": chunk.id,
        "tenant_id": tenant_id,
        "revision_id": revision_id,
        "ordinal": chunk.ordinal,
        "heading": chunk.heading,
        "text": chunk.text,
        "start_char": chunk.start,
        "end_char": chunk.end,
    }


def _stamp(row: Row) -> Stamp:
    return Stamp(
        tenant_id=row["tenant_id"],
        version=row["version"],
        articles=row["articles"],
        chunks=row["chunks"],
        created_at_ms=row["created_at_ms"],
    )


def _note(row: Row) -> VersionNote:
    return VersionNote(
        version=row["version"],
        served=row["active"] == 1,
        articles=row["articles"],
        chunks=row["chunks"],
        act=row["act"],
        created_at_ms=row["created_at_ms"],
    )


def _article(row: Row) -> Article:
    return Article(
        id=row["article_id"],
        tenant_id=row["tenant_id"],
        title=row["title"],
        text=row["text"],
        locale=row["locale"],
        tags=parse_words(row["tags"]),
        questions=parse_words(row["questions"]),
        names=parse_words(row["names"]),
        source=row["source"],
        digest=row["digest"],
        valid_from_ms=row["valid_from_ms"],
        valid_until_ms=row["valid_until_ms"],
        updated_at_ms=row["updated_at_ms"],
    )


def _chunk(row: Row) -> Chunk:
    return Chunk(
        id=row["id"],
        article_id=row["article_id"],
        ordinal=row["ordinal"],
        title=row["title"],
        heading=row["heading"],
        text=row["text"],
        start=row["start_char"],
        end=row["end_char"],
        locale=row["locale"],
        questions=parse_words(row["questions"]),
        names=parse_words(row["names"]),
        valid_from_ms=row["valid_from_ms"],
        valid_until_ms=row["valid_until_ms"],
        tags=parse_words(row["tags"]),
    )


def parse_words(text: str) -> tuple[str, ...]:
    """A list as it is stored."""
    return _words.decode(text)


def format_words(words: Sequence[str]) -> str:
    """A list to be stored."""
    return msgspec.json.encode(words).decode()
