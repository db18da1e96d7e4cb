"""A night of the busiest kind, in virtual time: three providers with small quotas, and nobody sees a 429."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from typing import Any, NamedTuple

from tests.engines.routing import Entries, described, request
from tests.engines.streams import Told, listen

from miaohui.engines.extractive import Extractive
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.ports import Engine
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import Route, RouteKey, build_catalog
from miaohui.engines.types import EngineRequest, Usage
from miaohui.testing.metered import Metered
from miaohui.testing.virtual import VirtualClock, run_virtually

MINUTES = 10
TOKENS_IN, TOKENS_OUT = 900, 100
# Requests a minute, weight, seconds to the first word, price of a million tokens in millionths.
TABLE = {"official": (60, 30, 0.8, 150_000), "second": (120, 40, 0.6, 120_000), "third": (200, 30, 0.5, 100_000)}
QUOTA = sum(rpm for rpm, *_ in TABLE.values())


def answer(_asked: EngineRequest) -> tuple[str, Usage]:
    return "好的", Usage(input_tokens=TOKENS_IN, output_tokens=TOKENS_OUT, estimated=False)


class Night(NamedTuple):
    offered: int
    routes: Counter[str]
    throttled: int
    waits: list[float]
    cost: int
    official_cost: int


async def spend(share: float, *more: dict[str, Any]) -> Night:
    """Ten minutes at this share of the summed quota, coming as people come."""
    chance = random.Random(7)
    providers: dict[str, Metered] = {}

    def connect(route: Route, key: RouteKey) -> Engine:
        rpm, _, seconds, _ = TABLE.get(route.name, (0, 0, 0.3, 0))
        return providers.setdefault(route.name, Metered(route.name, answer, rpm=rpm, first_s=seconds))

    clock, entries = VirtualClock(), Entries()
    routes = [
        described(name, base_url=f"http://{name}/v1", rpm=rpm, weight=weight, price_in=price, price_out=price)
        for name, (rpm, weight, _, price) in TABLE.items()
    ]
    parts = RouterParts(
        clock=clock, limits=LimitsMemory(clock), connect=connect, ledger=entries, last_resort=Extractive()
    )
    router = Router(parts, build_catalog("1", [[*routes, *more]]))
    waits: list[float] = []

    async def turn(number: int) -> Told:
        began = clock.monotonic()
        told = await listen(router, request(f"turn_{number}", conversation_id=f"conv_{number // 4}"))
        waits.append(clock.monotonic() - began)
        return told

    turns: list[asyncio.Task[Told]] = []
    until = clock.monotonic() + MINUTES * 60
    while clock.monotonic() < until:
        turns.append(asyncio.create_task(turn(len(turns))))
        await asyncio.sleep(chance.expovariate(QUOTA * share / 60))
    told = await asyncio.gather(*turns)
    assert {one.failure for one in told} == {None}
    assert {line.breaker.phase.name for line in router.fleet.lines()} == {"CLOSED"}
    cost = sum(row.cost_micro for row in entries.rows)
    used = sum(row.input_tokens + row.output_tokens for row in entries.rows)
    return Night(
        offered=len(turns),
        routes=Counter(one.finished.route for one in told if one.finished),
        throttled=sum(provider.throttled for provider in providers.values()),
        waits=sorted(waits),
        cost=cost,
        official_cost=used * TABLE["official"][3] // 1_000_000,
    )


def test_at_95_percent_of_the_summed_quota_nobody_sees_a_429_and_nearly_all_are_served_by_providers() -> None:
    night = run_virtually(spend(0.95))
    served = night.offered - night.routes["extractive"]
    saved = 1 - night.cost / night.official_cost
    sys.stdout.write(
        f"\noffered {night.offered} in {MINUTES} min; served {served / night.offered:.2%}; "
        f"429s {night.throttled}; shares {dict(night.routes)}; longest {night.waits[-1]:.2f} s\n"
        f"cost of 1,000 turns: {night.cost / served:.1f} against {night.official_cost / served:.1f} thousandths at the "
        f"official route alone: {saved:.1%} saved by routing"
    )
    assert night.throttled == 0
    assert served >= 0.98 * night.offered
    # These quotas bound what any order of asking could save: the cheapest takes no more than 200 of 361 a minute.
    assert 0.20 <= saved <= 0.27
    assert night.waits[-1] < 5


def test_at_150_percent_nobody_waits_past_the_deadline_and_the_rest_are_answered_without_a_provider() -> None:
    night = run_virtually(spend(1.5))
    served = night.offered - night.routes["extractive"]
    sys.stdout.write(
        f"\noffered {night.offered}; {dict(night.routes)}; 429s {night.throttled}; longest {night.waits[-1]:.2f} s"
    )
    assert night.throttled == 0
    assert served >= 0.95 * QUOTA * (MINUTES - 1)
    assert night.waits[-1] < 8


def test_at_150_percent_a_local_server_takes_what_the_providers_cannot() -> None:
    local = described("local", base_url="http://local/v1", tier="local", provider="vllm")
    night = run_virtually(spend(1.5, local))
    assert night.routes["extractive"] == 0
    assert night.routes["local"] >= 0.25 * night.offered
    assert night.throttled == 0
    assert night.waits[-1] < 3
