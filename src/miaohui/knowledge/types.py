"""Article, chunk, passage: written, stored, retrieved."""

from __future__ import annotations

import msgspec


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    id: str
    tenant_id: str
    title: str
    text: str
    """Markdown."""
    locale: str = "zh-CN"
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    """Sample questions that this article answers."""
    names: tuple[str, ...] = ()
    """What else it is called: by its summary, its file, and the links that lead to it."""
    source: str = ""
    """Path inside the imported folder; with the tenant, its identity for re-import."""
    digest: str = ""
    updated_at_ms: int = 0


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored and searched: a piece of an article under one heading path."""

    id: str
    article_id: str
    ordinal: int
    title: str
    heading: str
    """Heading path, `退货 › 运费`."""
    text: str
    start: int
    end: int
    """Character span in the article's text."""
    locale: str = "zh-CN"
    questions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """What else its article is called: by its summary, its file, and the links that lead to it."""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk as it was found, with why."""

    chunk: Chunk
    score: float
    """Fused, comparable within one retrieval only."""
    bm25: float
    cosine: float


class Retrieval(msgspec.Struct, frozen=True, kw_only=True):
    """What the knowledge base says to one question."""

    passages: tuple[Passage, ...]
    answerability: float
    """0 to 1: how likely the answer stands in the passages."""
    answerable: bool
    """Whether `answerability` is over the tenant's threshold."""
    version: int
    """The knowledge version that was searched; 0 when the tenant has none."""


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Which publication of a tenant's knowledge."""

    tenant_id: str
    version: int
    articles: int
    chunks: int
    created_at_ms: int
