"""What visitors asked about, and what answering took: read from citations, the journal and the ledger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from miaohui.conversations.types import Citation
from miaohui.insight import statements
from miaohui.insight.types import Demand, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from miaohui.insight.types import Among, Period
    from miaohui.kit.database import Database

MOST_TOPICS = 10
MOST_ANSWERS = 20_000
MOST_PAGES = 5_000
_THROTTLED = ("rate_limit", "quota")


class _Page(msgspec.Struct):
    route: str = ""


_citations = msgspec.json.Decoder(tuple[Citation, ...])
_page = msgspec.json.Decoder(_Page)


class DemandRepository:
    """Reads; each is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def demand(self, tenant_id: str, period: Period, these: Among) -> Demand:
        """Of one stretch of time, the topics against the stretch before: four statements."""
        values = _values(tenant_id, period)
        cited = await self._cited(values, these)
        pages = await self._database.read(statements.pages(these, MOST_PAGES + 1), values)
        tried = await self._database.read(statements.attempts(these), values)
        calls = {row["failure"]: row["count"] for row in tried}
        routes = [_page.decode(row["entry"]).route for row in pages[:MOST_PAGES]]
        return Demand(
            topics=topics_of(cited, await self._cited(_values(tenant_id, period.before), these)),
            answers=len(routes),
            kept=sum(route.startswith("cache:") for route in routes),
            attempts=sum(calls.values()),
            throttled=sum(calls.get(failure, 0) for failure in _THROTTLED),
            complete=len(cited) <= MOST_ANSWERS and len(pages) <= MOST_PAGES,
        )

    async def _cited(self, values: dict[str, object], these: Among) -> Sequence[tuple[Citation, ...]]:
        rows = await self._database.read(statements.cited(these, MOST_ANSWERS + 1), values)
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


def _values(tenant_id: str, period: Period) -> dict[str, object]:
    return {"tenant_id": tenant_id, "from_ms": period.from_ms, "until_ms": period.until_ms}
