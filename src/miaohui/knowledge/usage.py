"""Which articles were shown to the assistant lately, by the journal of turns; and so, which never were."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from miaohui.journal import repository as journal
from miaohui.journal.types import TurnEntry
from miaohui.kit.database import Database
from miaohui.knowledge import repository
from miaohui.knowledge.editing.types import Finding
from miaohui.knowledge.index import Index
from miaohui.knowledge.types import Chunk

DAYS = 30
MOST_TURNS = 2_000
LEAST_TURNS = 100
"""After fewer questions nothing is said: that an article was not asked for tells little yet."""
_IDS_AT_ONCE = 500


class Usage(msgspec.Struct, frozen=True):
    """What the last turns were shown."""

    turns: int
    since_ms: int
    """When the first of them began."""
    articles: frozenset[str]


async def read_usage(db: Database, tenant_id: str, now_ms: int) -> Usage:
    """Of the last `MOST_TURNS` turns of the last `DAYS` days."""
    entries = await journal.list_turns(db, tenant_id, now_ms - DAYS * 86_400_000, MOST_TURNS)
    turns = await asyncio.to_thread(lambda: [journal.read_turn(entry) for entry in entries])
    chunk_ids = sorted(set(_shown(turns)))
    articles: set[str] = set()
    for start in range(0, len(chunk_ids), _IDS_AT_ONCE):
        found = await repository.list_chunks_by_id(db, tenant_id, chunk_ids[start : start + _IDS_AT_ONCE])
        articles |= {chunk.article_id for chunk in found.values()}
    since_ms = min((turn.started_at_ms for turn in turns), default=now_ms)
    return Usage(len(turns), since_ms, frozenset(articles))


def find_unused(
    index: Index, usage: Usage, written_ms: Mapping[str, int], now_ms: int, ailing: Collection[str] = ()
) -> Iterator[Finding]:
    """Articles that hold, stood there all the time, and were among the passages of none of these turns.

    `ailing` are articles of which something worse is known.
    """
    if usage.turns < LEAST_TURNS:
        return
    seen = set(usage.articles) | set(ailing)
    for chunk in index.chunks[:]:
        if chunk.article_id in seen:
            continue
        seen.add(chunk.article_id)
        if _holds(chunk, now_ms) and written_ms.get(chunk.article_id, now_ms) <= usage.since_ms:
            detail = str(usage.turns)
            yield Finding(ailment="never_retrieved", article_id=chunk.article_id, title=chunk.title, detail=detail)


def _shown(turns: Iterable[TurnEntry]) -> Iterator[str]:
    for turn in turns:
        for stage in turn.stages:
            passages = stage.facts.get("passages", ())
            if isinstance(passages, list):
                yield from (str(passage).partition(" ")[0] for passage in passages)


def _holds(chunk: Chunk, now_ms: int) -> bool:
    return chunk.valid_from_ms <= now_ms and not 0 < chunk.valid_until_ms <= now_ms
