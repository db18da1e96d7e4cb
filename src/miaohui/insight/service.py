"""Figures for agents and operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.insight import policy
from miaohui.insight.demand import DemandRepository
from miaohui.insight.repository import MOST_FACTS, MOST_THREADS, InsightRepository
from miaohui.insight.types import EVERY, OverTime
from miaohui.kit.cache import Cache
from miaohui.kit.comma import format_table
from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from miaohui.insight.strain import StrainWatch
    from miaohui.insight.types import Among, Demand, Figures, Now, Period, Wanted
    from miaohui.kit.clock import Clock
    from miaohui.kit.comma import Cell
    from miaohui.kit.database import Database

CACHED_S = 10.0
HEAD = (
    "from", "conversations", "messages", "handed_off", "first_response_s", "first_response_p90_s", "resolved",
    "resolution_s", "involvement", "resolution", "automation", "good", "bad", "csat", "reopened", "scored",
    "score", "content", "cost_micro",
    "cost_per_conversation_micro", "handoff_reasons",
)  # fmt: skip


class Insight:
    """What is counted is read once in ten seconds, however many look."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.strain: StrainWatch | None = None
        """How much is asked of the place; None where nobody looks."""
        self._clock = clock
        self._repository = InsightRepository(database)
        self._known: Cache[tuple[str, Period, Wanted], OverTime] = Cache(clock, size=100, seconds=CACHED_S)
        self._demands: Cache[tuple[str, Period, Wanted], Demand] = Cache(clock, size=100, seconds=CACHED_S)
        self._demand = DemandRepository(database)
        self._nows: Cache[str, Now] = Cache(clock, size=10_000, seconds=1.0)

    async def now(self, tenant_id: str) -> Now:
        """This moment, or the second before it."""
        known = self._nows.get(tenant_id)
        if known is None:
            known = await self._repository.now(tenant_id, self._clock.now_ms())
            self._nows.put(tenant_id, known)
        return known

    async def over_time(self, tenant_id: str, period: Period, wanted: Wanted = EVERY) -> OverTime:
        """Step by step, with the stretch before to compare with. Raises `Invalid`."""
        policy.check_period(period)
        key = (tenant_id, period, wanted)
        known = self._known.get(key)
        if known is None:
            known = await self._count(tenant_id, period, wanted)
            self._known.put(key, known)
        return known

    async def _count(self, tenant_id: str, period: Period, wanted: Wanted) -> OverTime:
        these = await self._repository.among(tenant_id, wanted)
        threads = await self._repository.threads(tenant_id, period, these)
        facts = await self._repository.facts(tenant_id, period, these)
        costs = await self._repository.costs(tenant_id, period, these)
        spent = await self._repository.cost(tenant_id, period, these)
        return OverTime(
            period=period,
            buckets=policy.over_time(period, threads, facts, costs),
            total=policy.figures(period, threads, facts, spent),
            previous=await self._previous(tenant_id, period.before, these),
            complete=len(threads) <= MOST_THREADS and len(facts) <= MOST_FACTS,
        )

    async def _previous(self, tenant_id: str, period: Period, these: Among) -> Figures:
        threads = await self._repository.threads(tenant_id, period, these)
        facts = await self._repository.facts(tenant_id, period, these)
        return policy.figures(period, threads, facts, await self._repository.cost(tenant_id, period, these))

    async def demand(self, tenant_id: str, period: Period, wanted: Wanted = EVERY) -> Demand:
        """What visitors asked about, and what answering took. Raises `Invalid`."""
        policy.check_period(period)
        key = (tenant_id, period, wanted)
        known = self._demands.get(key)
        if known is None:
            these = await self._repository.among(tenant_id, wanted)
            known = await self._demand.demand(tenant_id, period, these)
            self._demands.put(key, known)
        return known

    async def export(self, tenant_id: str, period: Period, wanted: Wanted = EVERY) -> str:
        """The steps as a table that runs nothing. Raises `Invalid`."""
        counted = await self.over_time(tenant_id, period, wanted)
        return format_table(HEAD, (_row(rfc3339(one.from_ms), one.figures) for one in counted.buckets))


def _row(start: str, of: Figures) -> tuple[Cell, ...]:
    reasons = " ".join(f"{reason}={count}" for reason, count in of.handoff_reasons.items())
    return (
        start, of.conversations, of.messages, of.handed_off, of.first_response_s, of.first_response_p90_s, of.resolved,
        of.resolution_s, of.involvement, of.resolution, of.automation, of.good, of.bad, of.csat, of.reopened,
        of.scored, of.score, of.content, of.cost_micro,
        of.cost_per_conversation_micro, reasons,
    )  # fmt: skip
