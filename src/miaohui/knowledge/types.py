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
    """Path inside the imported folder; with the tenant, its identity for re-import. Empty when written here."""
    digest: str = ""
    """Of the file that it came from."""
    valid_from_ms: int = 0
    valid_until_ms: int = 0
    """0: without an end."""
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
    valid_from_ms: int = 0
    valid_until_ms: int = 0
    tags: tuple[str, ...] = ()


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """For whom is searched, and in what. What is out of scope is not searched at all.

    An article tagged `audience:agents` is for nobody else; one tagged `inbox:…` is for that inbox alone, and may have
    several such tags.
    """

    audience: str = "visitors"
    inbox: str = ""
    """Id; empty for who comes through none."""
    locales: tuple[str, ...] = ()
    """Languages, such as `zh`; empty for all."""
    tags: tuple[str, ...] = ()
    """Only articles with one of these; empty for all."""


VISITORS = Scope()


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk as it was found, with why."""

    chunk: Chunk
    score: float
    """Fused, comparable within one retrieval only."""
    bm25: float
    cosine: float
    asked: tuple[str, ...] = ()
    """For which of several questions of one message it was found; empty when there is one."""


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


class VersionNote(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a version."""

    version: int
    served: bool
    articles: int
    chunks: int
    act: str
    """`import`, `publish`, or `rollback`."""
    created_at_ms: int


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """A version that is being made."""

    tenant_id: str
    based_on: int
    """The served version that the changes were worked out against; 0 for none."""
    act: str
    owner: str
    """Who makes it; nobody else may go on with it."""
    at_ms: int
    lease_until_ms: int

    @property
    def version(self) -> int:
        """The number that it will have."""
        return self.based_on + 1
