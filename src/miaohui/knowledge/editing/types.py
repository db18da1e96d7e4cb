"""Drafts, differences between versions, and what ails a knowledge base."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may write of an article."""

    title: str
    text: str
    locale: str = "zh-CN"
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    valid_from_ms: int = 0
    valid_until_ms: int = 0
    """0: without an end."""


class ArticleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it will be after the next publication."""

    article_id: str
    removed: bool
    """It will be served no more."""
    content: Content
    author: str
    """Principal key."""
    updated_at_ms: int


Kind: TypeAlias = Literal["added", "changed", "removed"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One article that two versions do not share."""

    article_id: str
    title: str
    change: Kind
    lines: tuple[str, ...] = ()
    """Of a unified diff of the texts, without its head."""


Ailment: TypeAlias = Literal["duplicate", "contradiction", "expired", "never_found", "never_retrieved"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person should look at."""

    ailment: Ailment
    article_id: str
    title: str
    other_article_id: str = ""
    detail: str = ""
