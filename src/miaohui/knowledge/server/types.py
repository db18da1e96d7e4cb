"""What PostgreSQL keeps of articles, to find them by."""

from __future__ import annotations

import msgspec

from miaohui.knowledge.types import Scope


class Asked(msgspec.Struct, frozen=True):
    """What is asked, and by whom."""

    tenant_id: str
    question: str
    locale: str
    limit: int
    scope: Scope
    before: str = ""
    """A question that this one goes on from."""

    @property
    def words(self) -> str:
        """What is searched for."""
        return f"{self.before} {self.question}" if self.before else self.question


Counts = dict[int, tuple[int, int, int]]
"""Of each term, by its number, in how many chunks, articles and titles or sample questions it occurs."""


class Tally(msgspec.Struct, frozen=True):
    """Terms, each once, and in how many chunks, articles and titles or sample questions each occurs."""

    terms: list[int]
    bodies: list[int]
    wholes: list[int]
    anchors: list[int]


class WeighedChunk(msgspec.Struct, frozen=True):
    """One chunk, ready to be found."""

    chunk_id: str
    weights: bytes
    """See `packing.pack`."""
    chinese: bool
    vector: str
    """As pgvector reads one."""


class WeighedArticle(msgspec.Struct, frozen=True):
    """One revision of an article, ready to be found."""

    revision_id: str
    article_id: str
    born: int
    ended: int
    valid_from_ms: int
    valid_until_ms: int
    locale: str
    tags: tuple[str, ...]
    whole: bytes
    anchors: bytes
    """Its title, other names and sample questions; see `packing.pack_several`."""
    chunks: tuple[WeighedChunk, ...]


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes of one tenant's knowledge, by which rarity is measured."""

    version: int = 0
    chunks: int = 0
    articles: int = 0
    anchors: int = 0
    body_length: float = 0.0
    """Of all chunks together."""
    whole_length: float = 0.0


class Candidate(msgspec.Struct, frozen=True):
    """A chunk that may fit, with what it is scored by."""

    chunk_id: str
    article_id: str
    revision_id: str
    weights: bytes
    chinese: bool
    cosine: float


class CandidateArticle(msgspec.Struct, frozen=True):
    """The article of one."""

    whole: bytes
    anchors: bytes


class Found(msgspec.Struct, frozen=True):
    """Candidates, and the articles that they are of, by revision."""

    chunks: tuple[Candidate, ...] = ()
    articles: dict[str, CandidateArticle] = {}
