"""All SQL of this room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from sqlalchemy import BindParameter, bindparam, delete, func, select, tuple_, update

from miaohui.kit.database import Database, Operation, Row
from miaohui.kit.errors import Conflict
from miaohui.knowledge.tables import ARTICLES, CHUNKS, KNOWLEDGE_VERSIONS
from miaohui.knowledge.types import Article, Chunk, Stamp

CHUNKS_AT_ONCE = 1_000

_TENANT: BindParameter[str] = bindparam("of_tenant")

_ACTIVE = (KNOWLEDGE_VERSIONS.c.tenant_id == _TENANT) & (KNOWLEDGE_VERSIONS.c.active == 1)
FIND_SERVED = select(KNOWLEDGE_VERSIONS).where(_ACTIVE)
LIST_SERVED = select(KNOWLEDGE_VERSIONS).where(KNOWLEDGE_VERSIONS.c.active == 1)
RETIRE_VERSION = update(KNOWLEDGE_VERSIONS).where(_ACTIVE).values(active=0)
INSERT_VERSION = KNOWLEDGE_VERSIONS.insert()

INSERT_ARTICLE = ARTICLES.insert()
INSERT_CHUNK = CHUNKS.insert()
DELETE_ARTICLE = delete(ARTICLES).where(ARTICLES.c.tenant_id == _TENANT, ARTICLES.c.id == bindparam("of_article"))
DELETE_CHUNKS = delete(CHUNKS).where(CHUNKS.c.tenant_id == _TENANT, CHUNKS.c.article_id == bindparam("of_article"))

LIST_SOURCES = select(ARTICLES.c.id, ARTICLES.c.source, ARTICLES.c.digest).where(ARTICLES.c.tenant_id == _TENANT)
GET_ARTICLE = select(ARTICLES).where(ARTICLES.c.tenant_id == _TENANT, ARTICLES.c.id == bindparam("of_article"))
COUNT_ARTICLES = select(func.count()).select_from(ARTICLES).where(ARTICLES.c.tenant_id == _TENANT)
COUNT_CHUNKS = select(func.count()).select_from(CHUNKS).where(CHUNKS.c.tenant_id == _TENANT)
LIST_ARTICLES = (
    select(ARTICLES)
    .where(ARTICLES.c.tenant_id == _TENANT, ARTICLES.c.id > bindparam("after"))
    .order_by(ARTICLES.c.id)
    .limit(bindparam("most"))
)
_CHUNK_ROWS = select(
    CHUNKS,
    ARTICLES.c.title,
    ARTICLES.c.locale,
    ARTICLES.c.questions,
).join(ARTICLES, ARTICLES.c.id == CHUNKS.c.article_id)
LIST_CHUNKS = (
    _CHUNK_ROWS.where(
        CHUNKS.c.tenant_id == _TENANT,
        tuple_(CHUNKS.c.article_id, CHUNKS.c.ordinal) > tuple_(bindparam("article"), bindparam("ordinal")),
    )
    .order_by(CHUNKS.c.article_id, CHUNKS.c.ordinal)
    .limit(bindparam("most"))
)
GET_CHUNK = _CHUNK_ROWS.where(CHUNKS.c.tenant_id == _TENANT, CHUNKS.c.id == bindparam("of_chunk"))

_words = msgspec.json.Decoder(tuple[str, ...])


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What one publication changes: articles to delete (an updated one is deleted and stored anew), and to store."""

    tenant_id: str
    based_on: int
    """The version that the changes were worked out against; 0 for none."""
    delete: Sequence[str]
    store: Sequence[tuple[Article, Sequence[Chunk]]]
    at_ms: int


def publish(changes: Changes) -> Operation[int]:
    """Apply the changes and make them the served version, all or nothing; its number.

    Raises `Conflict` when another publication came between.
    """
    tenant = {"of_tenant": changes.tenant_id}
    rows = yield FIND_SERVED, tenant
    if (rows[0]["version"] if rows else 0) != changes.based_on:
        raise Conflict("The knowledge base was changed meanwhile; import again.", code="knowledge_changed")
    for article_id in changes.delete:
        yield DELETE_CHUNKS, tenant | {"of_article": article_id}
        yield DELETE_ARTICLE, tenant | {"of_article": article_id}
    for article, chunks in changes.store:
        yield INSERT_ARTICLE, _article_values(article)
        for chunk in chunks:
            yield INSERT_CHUNK, _chunk_values(article.tenant_id, chunk)
    articles = yield COUNT_ARTICLES, tenant
    chunks_now = yield COUNT_CHUNKS, tenant
    yield RETIRE_VERSION, tenant
    version = changes.based_on + 1
    yield (
        INSERT_VERSION,
        {
            "tenant_id": changes.tenant_id,
            "version": version,
            "active": 1,
            "articles": articles[0][0],
            "chunks": chunks_now[0][0],
            "created_at_ms": changes.at_ms,
        },
    )
    return version


async def find_served(db: Database, tenant_id: str) -> Stamp | None:
    """The served publication; None when the tenant has none."""
    rows = await db.read(FIND_SERVED, {"of_tenant": tenant_id})
    return _stamp(rows[0]) if rows else None


async def list_served(db: Database) -> list[Stamp]:
    """The served publication of each tenant that has knowledge."""
    return [_stamp(row) for row in await db.read(LIST_SERVED)]


async def list_sources(db: Database, tenant_id: str) -> dict[str, tuple[str, str]]:
    """Source to article id and digest."""
    rows = await db.read(LIST_SOURCES, {"of_tenant": tenant_id})
    return {row["source"]: (row["id"], row["digest"]) for row in rows}


async def list_chunks(db: Database, tenant_id: str) -> AsyncIterator[list[Chunk]]:
    """Every chunk, those of one article together and in its order; some at a time, so that nobody waits long."""
    last: tuple[str, int] = ("", -1)
    while True:
        after = {"article": last[0], "ordinal": last[1], "most": CHUNKS_AT_ONCE}
        some = [_chunk(row) for row in await db.read(LIST_CHUNKS, {"of_tenant": tenant_id} | after)]
        if some:
            yield some
        if len(some) < CHUNKS_AT_ONCE:
            return
        last = (some[-1].article_id, some[-1].ordinal)


async def list_articles(db: Database, tenant_id: str, *, after: str, limit: int) -> list[Article]:
    """By id, which is by age."""
    rows = await db.read(LIST_ARTICLES, {"of_tenant": tenant_id, "after": after, "most": limit})
    return [_article(row) for row in rows]


async def find_article(db: Database, tenant_id: str, article_id: str) -> Article | None:
    """None also for another tenant's."""
    rows = await db.read(GET_ARTICLE, {"of_tenant": tenant_id, "of_article": article_id})
    return _article(rows[0]) if rows else None


async def find_chunk(db: Database, tenant_id: str, chunk_id: str) -> Chunk | None:
    """None also for another tenant's."""
    rows = await db.read(GET_CHUNK, {"of_tenant": tenant_id, "of_chunk": chunk_id})
    return _chunk(rows[0]) if rows else None


def _article_values(article: Article) -> dict[str, str | int]:
    return {
        "id": article.id,
        "tenant_id": article.tenant_id,
        "title": article.title,
        "text": article.text,
        "locale": article.locale,
        "tags": _format_words(article.tags),
        "questions": _format_words(article.questions),
        "source": article.source,
        "digest": article.digest,
        "updated_at_ms": article.updated_at_ms,
    }


def _chunk_values(tenant_id: str, chunk: Chunk) -> dict[str, str | int]:
    return {
        "id": chunk.id,
        "tenant_id": tenant_id,
        "article_id": chunk.article_id,
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


def _article(row: Row) -> Article:
    return Article(
        id=row["id"],
        tenant_id=row["tenant_id"],
        title=row["title"],
        text=row["text"],
        locale=row["locale"],
        tags=_words.decode(row["tags"]),
        questions=_words.decode(row["questions"]),
        source=row["source"],
        digest=row["digest"],
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
        questions=_words.decode(row["questions"]),
    )


def _format_words(words: Sequence[str]) -> str:
    return msgspec.json.encode(words).decode()
