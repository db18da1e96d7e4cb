"""Articles that are not for everybody: an index shows, for anybody, those that are for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from miaohui.knowledge.index import Index
from miaohui.knowledge.types import Chunk, Scope

AUDIENCE = "audience:"
INBOX = "inbox:"


def within(index: Index, scope: Scope) -> Index:
    """The same index, in which nothing out of scope can be found."""
    last, holds = "", True
    shown = np.ones(len(index.chunks), np.float32)
    for place, chunk in enumerate(index.chunks):
        if chunk.article_id != last:
            last, holds = chunk.article_id, is_within(chunk, scope)
        if not holds:
            shown[place] = 0
    if shown.all():
        return index
    english, chinese = index.preference
    return msgspec.structs.replace(index, preference=(english * shown, chinese * shown))


def is_within(chunk: Chunk, scope: Scope) -> bool:
    """Whether a chunk's article is for them, and of what they look for."""
    return (
        _is_for(chunk.tags, AUDIENCE, scope.audience)
        and _is_for(chunk.tags, INBOX, scope.inbox)
        and (not scope.locales or chunk.locale.partition("-")[0] in scope.locales)
        and (not scope.tags or bool(set(scope.tags) & set(chunk.tags)))
    )


def _is_for(tags: Iterable[str], kind: str, one: str) -> bool:
    named = [tag.removeprefix(kind) for tag in tags if tag.startswith(kind)]
    return not named or one in named
