"""What the tests of routing share: routes in a line, a router over scripted engines or over a real socket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.connect import connect_openai
from miaohui.engines.errors import EngineFailed, failed
from miaohui.engines.extractive import Extractive
from miaohui.engines.ledger import AttemptEntry
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.ports import Engine
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import Catalog, Route, RouteKey, build_catalog
from miaohui.engines.types import ChatMessage, EngineRequest
from miaohui.kit.clock import Clock, SystemClock
from miaohui.testing.engine import FakeEngine
from miaohui.testing.upstream import Upstream

PAID_ROUTE = """
[[route]]
name = "paid"
base_url = "{url}"
model = "sim"
price_in = 1_000_000
price_out = 1_000_000
"""
"""In a file of routes: a million units of currency for a million tokens, so that a word spends any budget."""


class Entries:
    """A ledger that can be read at once."""

    def __init__(self) -> None:
        self.rows: list[AttemptEntry] = []

    def add(self, entry: AttemptEntry) -> None:
        self.rows.append(entry)

    def outcomes(self) -> list[tuple[str, str]]:
        return [(row.route, row.outcome) for row in self.rows]


def request(turn: str = "turn_1", **changes: Any) -> EngineRequest:
    asked = EngineRequest(
        turn_id=turn,
        tenant_id="tnt_1",
        question="如何退货?",
        messages=(ChatMessage("system", "你是客服"), ChatMessage("user", "如何退货?")),
        answerable=False,
    )
    return msgspec.structs.replace(asked, **changes)


def broken(failure_class: FailureClass = FailureClass.TRANSIENT, retry_after_s: float | None = None) -> EngineFailed:
    return failed(
        Failure(failure_class=failure_class, code=failure_class.value, detail="no", retry_after_s=retry_after_s)
    )


def described(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "base_url": "http://127.0.0.1:9/v1", "model": name, **changes}


def catalog(*routes: dict[str, Any], version: str = "1") -> Catalog:
    return build_catalog(version, [routes])


def keys(*names: str, account: str = "") -> list[dict[str, str]]:
    return [{"id": name, "secret": f"sk-{name}", "account": account} for name in names]


class Stage:
    """A router over engines that play scripts, by route or by `route/key`."""

    def __init__(self, routes: Sequence[dict[str, Any]], engines: dict[str, FakeEngine], **parts: Any) -> None:
        self.engines = dict(engines)
        self.entries = Entries()
        clock: Clock = parts.pop("clock", SystemClock())
        parts.setdefault("last_resort", Extractive())
        parts.setdefault("limits", LimitsMemory(clock))
        parts.setdefault("chance", lambda: 0.5)
        self.clock = clock
        self.router = Router(
            RouterParts(clock=clock, connect=self._connect, ledger=self.entries, **parts), catalog(*routes)
        )

    def _connect(self, route: Route, key: RouteKey) -> Engine:
        own = self.engines.get(f"{route.name}/{key.id}") or self.engines.setdefault(route.name, FakeEngine())
        own.name = route.name
        return own

    def asked(self, name: str) -> int:
        return len(self.engines[name].requests) if name in self.engines else 0


def over_sockets(upstreams: Iterable[tuple[str, Upstream, dict[str, Any]]], **parts: Any) -> tuple[Router, Entries]:
    """A router of real clients: name, upstream and fields of each route."""
    limits = {"connect_ms": 1000, "first_content_ms": 500, "idle_ms": 500, "total_ms": 5000}
    entries = Entries()
    clock: Clock = parts.pop("clock", SystemClock())
    parts.setdefault("last_resort", Extractive())
    parts.setdefault("limits", LimitsMemory(clock))
    routes = [
        described(name, **{"base_url": upstream.url, "model": "sim", "keys": keys("k1"), **limits, **fields})
        for name, upstream, fields in upstreams
    ]
    made = RouterParts(clock=clock, connect=connect_openai(coalesce_ms=10), ledger=entries, **parts)
    return Router(made, catalog(*routes)), entries
