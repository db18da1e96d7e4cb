"""Articles that are not for everybody: an index shows, for anybody, those that are for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from miaohui.knowledge.index import Index
from miaohui.knowledge.kinds import Kind
from miaohui.knowledge.types import Scope

AUDIENCE = "audience:"
INBOX = "inbox:"


def within(index: Index, scope: Scope) -> Index:
    """The same index, in which nothing out of scope can be found."""
    holds = np.array([is_within(kind, scope) for kind in index.kinds.distinct], np.bool_)
    if holds.all():
        return index
    shown = holds[index.kinds.of_chunk].astype(np.float32)
    english, chinese = index.preference
    return msgspec.structs.replace(index, preference=(english * shown, chinese * shown))


def is_within(kind: Kind, scope: Scope) -> bool:
    """Whether articles of this kind are for them, and of what they look for."""
    return (
        _is_for(kind.tags, AUDIENCE, scope.audience)
        and _is_for(kind.tags, INBOX, scope.inbox)
        and (not scope.locales or kind.language in scope.locales)
        and (not scope.tags or bool(set(scope.tags) & set(kind.tags)))
    )


def _is_for(tags: Iterable[str], kind: str, one: str) -> bool:
    named = [tag.removeprefix(kind) for tag in tags if tag.startswith(kind)]
    return not named or one in named
