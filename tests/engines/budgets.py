"""Nodes whose companies have budgets, over one database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.engines.routing import catalog, described, request
from tests.engines.streams import Told, listen
from tests.support.clock import ManualClock

from miaohui.engines.extractive import Extractive
from miaohui.engines.ledger_records import RecordsLedger
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.ports import Engine
from miaohui.engines.repository import EnginesRepository
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import Route, RouteKey
from miaohui.engines.spending import Spending
from miaohui.engines.types import Started
from miaohui.kit.database import Database
from miaohui.tenants.limits import CompanyLimits
from miaohui.tenants.repository import LimitsRepository
from miaohui.tenants.types import OwnLimits
from miaohui.testing.engine import Act, FakeEngine

PAID = described("paid", price_in=2_000_000, price_out=8_000_000)
FREE = described("free", tier="fallback")
LOCAL = described("local", tier="local", price_out=8_000_000)
COST = 60
"""Of one answer by `PAID`: 10 tokens in, 5 out."""
OURS, THEIRS = "tnt_1", "tnt_2"


class Node:
    """One process, with a router over engines that play scripts."""

    def __init__(self, database: Database, clock: ManualClock, *routes: dict[str, Any], **budgets: Any) -> None:
        self.clock = clock
        self.engines: dict[str, FakeEngine] = {}
        self.limits = CompanyLimits(LimitsRepository(database), clock, OwnLimits(**budgets))
        name = f"node_{id(self)}"
        self.ledger = RecordsLedger(database, name)
        self.spending = Spending(self.ledger, EnginesRepository(database), clock, name)
        self.spending.companies = self.limits
        parts = RouterParts(
            clock=clock,
            limits=LimitsMemory(clock),
            connect=self._connect,
            last_resort=Extractive(),
            ledger=self.spending,
            purses=self.spending,
            chance=lambda: 0.5,
        )
        self.router = Router(parts, catalog(*(routes or (PAID,))))

    def _connect(self, route: Route, key: RouteKey) -> Engine:
        engine = self.engines.setdefault(route.name, FakeEngine())
        engine.name = route.name
        return engine

    def play(self, route: str, script: Sequence[Act]) -> None:
        """What the route's engine does from now on."""
        self.engines[route]._scripts = (script,)

    async def put(self, tenant_id: str = OURS, **budgets: Any) -> None:
        """Another budget, as over REST."""
        before = await self.limits.get(tenant_id)
        await self.limits.put(tenant_id, OwnLimits(version=before.version, **budgets))
        await self.spending.refresh()

    async def ask(self, tenant_id: str = OURS, **changes: Any) -> Told:
        return await listen(self.router, request(tenant_id=tenant_id, **changes))

    async def route_of(self, tenant_id: str = OURS, **changes: Any) -> str:
        told = await self.ask(tenant_id, **changes)
        assert told.finished is not None, told.failure
        return told.finished.route

    async def routes_of(self, count: int, tenant_id: str = OURS) -> list[str]:
        return [await self.route_of(tenant_id) for _ in range(count)]

    async def spent_today(self, tenant_id: str = OURS) -> int:
        return (await self.spending.periods(tenant_id))[0].spent_micro


def why(told: Told) -> list[tuple[str, str]]:
    """Which routes were asked, and what each says of those that were not."""
    return [(piece.route, piece.passed_over) for piece in told.pieces if isinstance(piece, Started)]
