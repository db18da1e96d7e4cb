"""What visitors asked about, and what answering took: read from citations, the journal and the ledger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, func, or_, select

from miaohui.conversations.tables import conversations, messages
from miaohui.conversations.types import Citation
from miaohui.engines.tables import engine_attempts
from miaohui.insight.types import Demand, Topic
from miaohui.journal.tables import journal_turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from miaohui.insight.types import Period
    from miaohui.kit.database import Database

MOST_TOPICS = 10
MOST_ANSWERS = 20_000
MOST_PAGES = 5_000
_THROTTLED = ("rate_limit", "quota")

_c, _m, _j, _e = conversations.c, messages.c, journal_turns.c, engine_attempts.c
_OF_INBOX = or_(bindparam("inbox_id") == "", _c.inbox_id == bindparam("inbox_id"))
_CITED = (
    select(_m.citations)
    .join_from(messages, conversations, (_m.tenant_id == _c.tenant_id) & (_m.conversation_id == _c.id))
    .where(
        _c.tenant_id == bindparam("tenant_id"),
        _c.updated_at_ms >= bindparam("from_ms"),
        _OF_INBOX,
        _m.final == 1,
        _m.citations != "[]",
        _m.created_at_ms >= bindparam("from_ms"),
        _m.created_at_ms < bindparam("until_ms"),
    )
    .order_by(_m.created_at_ms.desc())
    .limit(MOST_ANSWERS + 1)
)
_PAGES = (
    select(_j.entry)
    .join_from(journal_turns, conversations, (_j.tenant_id == _c.tenant_id) & (_j.conversation_id == _c.id))
    .where(
        _j.tenant_id == bindparam("tenant_id"),
        _OF_INBOX,
        _j.outcome == "answered",
        _j.started_at_ms >= bindparam("from_ms"),
        _j.started_at_ms < bindparam("until_ms"),
    )
    .order_by(_j.started_at_ms.desc())
    .limit(MOST_PAGES + 1)
)
_ATTEMPTS = (
    select(_e.failure, func.count().label("count"))
    .where(
        _e.tenant_id == bindparam("tenant_id"),
        _e.started_at_ms >= bindparam("from_ms"),
        _e.started_at_ms < bindparam("until_ms"),
    )
    .group_by(_e.failure)
)


class _Page(msgspec.Struct):
    route: str = ""


_citations = msgspec.json.Decoder(tuple[Citation, ...])
_page = msgspec.json.Decoder(_Page)


class DemandRepository:
    """Reads; each is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def demand(self, tenant_id: str, period: Period, inbox_id: str) -> Demand:
        """Of one stretch of time, the topics against the stretch before: four statements."""
        cited = await self._cited(tenant_id, period, inbox_id)
        pages = await self._database.read(_PAGES, _values(tenant_id, period, inbox_id))
        calls = {
            row["failure"]: row["count"] for row in await self._database.read(_ATTEMPTS, _times(tenant_id, period))
        }
        routes = [_page.decode(row["entry"]).route for row in pages[:MOST_PAGES]]
        return Demand(
            topics=topics_of(cited, await self._cited(tenant_id, period.before, inbox_id)),
            answers=len(routes),
            kept=sum(route.startswith("cache:") for route in routes),
            attempts=sum(calls.values()),
            throttled=sum(calls.get(failure, 0) for failure in _THROTTLED),
            complete=len(cited) <= MOST_ANSWERS and len(pages) <= MOST_PAGES,
        )

    async def _cited(self, tenant_id: str, period: Period, inbox_id: str) -> Sequence[tuple[Citation, ...]]:
        rows = await self._database.read(_CITED, _values(tenant_id, period, inbox_id))
        return [_citations.decode(row["citations"]) for row in rows]


def topics_of(now: Iterable[Iterable[Citation]], before: Iterable[Iterable[Citation]]) -> tuple[Topic, ...]:
    """An answer counts for each article once, however many of its passages it cites."""
    titles: dict[str, str] = {}
    counts, earlier = _counted(now, titles), _counted(before, {})
    return tuple(
        Topic(article_id=article, title=titles[article], count=count, before=earlier[article])
        for article, count in counts.most_common(MOST_TOPICS)
    )


def _counted(answers: Iterable[Iterable[Citation]], titles: dict[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for citations in answers:
        named: Mapping[str, str] = {one.article_id: one.title for one in citations}
        found.update(named.keys())
        for article, title in named.items():
            titles.setdefault(article, title)
    return found


def _times(tenant_id: str, period: Period) -> dict[str, object]:
    return {"tenant_id": tenant_id, "from_ms": period.from_ms, "until_ms": period.until_ms}


def _values(tenant_id: str, period: Period, inbox_id: str) -> dict[str, object]:
    return {**_times(tenant_id, period), "inbox_id": inbox_id}
