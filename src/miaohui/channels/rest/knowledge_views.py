"""What REST tells of the writing side of the knowledge base, and of what is remembered of contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from miaohui.knowledge.editing.types import ArticleDraft, Difference, Finding
    from miaohui.knowledge.gaps.types import Cluster
    from miaohui.knowledge.survey import Related
    from miaohui.knowledge.types import VersionNote
    from miaohui.memory.types import Fact


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it will be after the next publication."""

    article_id: str
    removed: bool
    """It will be served no more."""
    title: str
    text: str
    locale: str
    tags: list[str]
    questions: list[str]
    valid_from: str | None
    valid_until: str | None
    author: str
    updated_at: str


class DraftList(msgspec.Struct, frozen=True):
    """All drafts."""

    data: list[DraftView]


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the knowledge base."""

    version: int
    served: bool
    articles: int
    chunks: int
    act: str
    """`import`, `publish`, `rollback`."""
    created_at: str


class VersionList(msgspec.Struct, frozen=True):
    """The newest first."""

    data: list[VersionView]


class DifferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """One article that two versions do not share."""

    article_id: str
    title: str
    change: str
    """`added`, `changed`, `removed`."""
    lines: list[str]
    """Of a unified diff."""


class DifferenceList(msgspec.Struct, frozen=True):
    """What changed."""

    data: list[DifferenceView]


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person should look at."""

    ailment: str
    """`duplicate`, `contradiction`, `expired`, `never_found` (by its own title), `never_retrieved` (by visitors)."""
    article_id: str
    title: str
    other_article_id: str
    detail: str


class FindingList(msgspec.Struct, frozen=True):
    """What ails the knowledge base."""

    data: list[FindingView]


class GapView(msgspec.Struct, frozen=True, kw_only=True):
    """Questions that ask for the same and were not answered."""

    id: str
    title: str
    questions: list[str]
    count: int
    last_at: str


class GapList(msgspec.Struct, frozen=True):
    """The most asked first."""

    data: list[GapView]


class RelatedView(msgspec.Struct, frozen=True, kw_only=True):
    """An article that a text is about."""

    article_id: str
    title: str
    score: float


class RelatedList(msgspec.Struct, frozen=True):
    """The likeliest first."""

    data: list[RelatedView]


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """What a contact once said of themselves."""

    id: str
    text: str
    state: str
    """`proposed`, `confirmed`."""
    conversation_id: str
    said_at: str


class FactList(msgspec.Struct, frozen=True):
    """Oldest first."""

    data: list[FactView]


def draft(of: ArticleDraft) -> DraftView:
    """Whole."""
    content = of.content
    return DraftView(
        article_id=of.article_id,
        removed=of.removed,
        title=content.title,
        text=content.text,
        locale=content.locale,
        tags=list(content.tags),
        questions=list(content.questions),
        valid_from=rfc3339(content.valid_from_ms) if content.valid_from_ms else None,
        valid_until=rfc3339(content.valid_until_ms) if content.valid_until_ms else None,
        author=of.author,
        updated_at=rfc3339(of.updated_at_ms),
    )


def version(of: VersionNote) -> VersionView:
    """Of a version."""
    return VersionView(
        version=of.version,
        served=of.served,
        articles=of.articles,
        chunks=of.chunks,
        act=of.act,
        created_at=rfc3339(of.created_at_ms),
    )


def difference(of: Difference) -> DifferenceView:
    """Of a difference."""
    return DifferenceView(article_id=of.article_id, title=of.title, change=of.change, lines=list(of.lines))


def finding(of: Finding) -> FindingView:
    """Of a finding."""
    return FindingView(
        ailment=of.ailment,
        article_id=of.article_id,
        title=of.title,
        other_article_id=of.other_article_id,
        detail=of.detail,
    )


def gap(of: Cluster) -> GapView:
    """Of a group of questions."""
    return GapView(
        id=of.id, title=of.title, questions=list(of.questions), count=of.count, last_at=rfc3339(of.last_at_ms)
    )


def related(of: Related) -> RelatedView:
    """Of an article."""
    return RelatedView(article_id=of.article_id, title=of.title, score=of.score)


def fact(of: Fact) -> FactView:
    """Of a fact."""
    return FactView(
        id=of.id, text=of.text, state=of.state, conversation_id=of.conversation_id, said_at=rfc3339(of.said_at_ms)
    )
