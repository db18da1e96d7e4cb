"""Faults of providers and of the way to them, F23 to F30, F37 to F40, F45 and F46, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.engines.routing import Entries, described, keys, over_sockets, request
from tests.engines.streams import Told, ask, listen
from tests.support.clock import ManualClock

from miaohui.engines.connect import connect_openai
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.openai import OpenAICompatible, OpenAIOptions
from miaohui.engines.ports import Engine
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import Route, RouteKey, build_catalog
from miaohui.engines.types import ChatMessage
from miaohui.prompts.shorten import shorten
from miaohui.testing.upstream import Upstream, UpstreamOptions


class World:
    """Providers of one router."""

    def __init__(self) -> None:
        self.upstreams: dict[str, Upstream] = {}
        self.router: Router
        self.entries: Entries

    async def open(self, *routes: tuple[str, dict[str, Any]], **parts: Any) -> None:
        for name, _ in routes:
            self.upstreams[name] = await Upstream(UpstreamOptions(chunks=3, gap_ms=1, first_ms=2)).start()
        self.router, self.entries = over_sockets(
            [(name, self.upstreams[name], fields) for name, fields in routes], **parts
        )

    async def ask(self, **changes: Any) -> str:
        """The route that answered."""
        told = await listen(self.router, request(**changes))
        assert told.failure is None
        assert told.finished is not None
        return told.finished.route

    def asked(self, name: str) -> int:
        return self.upstreams[name].requests

    async def close(self) -> None:
        await self.router.close()
        for upstream in self.upstreams.values():
            await upstream.close()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


def first_and_spare(**fields: Any) -> list[tuple[str, dict[str, Any]]]:
    return [("first", {"weight": 1, **fields}), ("spare", {"weight": 0})]


@pytest.mark.parametrize(
    ("fault", "rest_s"),
    [
        ("429", 7),
        ("429-float", 0.25),
        ("429-date", 30),
        ("429-ms", 1.5),
        ("429-past", 0),
        ("429-negative", 0),
        ("429-far", 300),
        ("429-garbage", 5),
        ("429-none", 5),
    ],
)
async def test_f23_a_throttled_key_rests_as_long_as_the_provider_says_and_nobody_sees_it(
    world: World, fault: str, rest_s: float
) -> None:
    await world.open(*first_and_spare())
    world.upstreams["first"].faults.append(fault)
    before = time.monotonic()
    assert await world.ask() == "spare"
    wire = world.router.fleet.lines()[0].wires[0]
    rest = world.router.books.cooldowns._rests[wire.scopes[0]]
    assert rest_s - 0.01 <= rest.until - before <= rest_s + 1.0
    (standing, _) = await world.router.standings()
    assert standing.throttled == 1


async def test_f23_a_short_rest_of_the_only_key_is_waited_for(world: World) -> None:
    await world.open(("first", {}))
    world.upstreams["first"].faults.append("429-float")
    began = time.monotonic()
    assert await world.ask() == "first"
    assert 0.2 < time.monotonic() - began < 2.0


async def test_f23_a_long_rest_of_the_only_key_is_not(world: World) -> None:
    await world.open(("first", {}))
    world.upstreams["first"].faults.append("429")
    began = time.monotonic()
    assert await world.ask() == "extractive"
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("fault", ["429-balance", "openai:quota"])
async def test_f24_a_key_without_credit_is_dead_and_there_is_no_storm(world: World, fault: str) -> None:
    await world.open(*first_and_spare(model=f"fault:{fault}"))
    assert {await world.ask() for _ in range(10)} == {"spare"}
    assert world.asked("first") == 1
    (standing, _) = await world.router.standings()
    assert (standing.keys[0].state, standing.keys[0].reason) == ("dead", "quota")
    assert standing.state == "closed"


async def test_f25_a_rate_limit_inside_a_200_is_a_rate_limit(world: World) -> None:
    await world.open(*first_and_spare(provider="qianfan"))
    world.upstreams["first"].faults.append("qianfan-rate")
    assert await world.ask() == "spare"
    assert world.entries.rows[0].failure == "rate_limit"


async def test_f26_a_key_refused_during_a_rotation_gives_way_to_the_other(world: World) -> None:
    await world.open(*first_and_spare(keys=keys("old", "new")))
    world.upstreams["first"].faults.append("401")
    assert [await world.ask() for _ in range(4)] == ["first"] * 4
    assert world.asked("first") == 5
    assert len({row.key_id for row in world.entries.rows if row.outcome == "winner"}) == 1


@pytest.mark.parametrize("fault", ["529", "503", "504-html"])
async def test_f27_an_overloaded_provider_is_left_for_the_next(world: World, fault: str) -> None:
    await world.open(*first_and_spare(model=f"fault:{fault}"))
    assert await world.ask() == "spare"
    assert world.entries.rows[0].failure == "transient"


async def test_f28_a_prompt_that_was_too_long_is_shortened_once_and_then_taken_to_a_larger_window(
    world: World,
) -> None:
    routes: list[tuple[str, dict[str, Any]]] = [
        ("first", {"weight": 1, "window_tokens": 4000, "model": "fault:400-context"}),
        ("equal", {"weight": 0, "window_tokens": 4000}),
        ("large", {"weight": 0, "window_tokens": 32_000}),
    ]
    await world.open(*routes, compress=shorten)
    said = "退货须在签收后七天内申请，商品完好。" * 40
    earlier = (ChatMessage("user", "你好。" + said), ChatMessage("assistant", said))
    long = (ChatMessage("system", "你是客服"), *earlier, ChatMessage("user", "如何退货?"))
    assert await world.ask(messages=long) == "large"
    assert [world.asked(name) for name in ("first", "equal", "large")] == [2, 0, 1]
    whole, shorter = (sum(len(one["content"]) for one in body["messages"]) for body in world.upstreams["first"].bodies)
    assert shorter <= 0.7 * whole


async def test_f29_a_prompt_that_was_refused_for_its_content_is_not_taken_elsewhere(world: World) -> None:
    await world.open(*first_and_spare(model="fault:400-content"))
    told = await listen(world.router, request())
    assert told.failure is not None
    assert told.failure.failure_class.value == "content"
    assert (world.asked("first"), world.asked("spare")) == (1, 0)


@pytest.mark.parametrize(("fault", "provider"), [("404", "openai"), ("410", "openai"), ("ark:closed", "ark")])
async def test_f30_a_route_that_is_gone_is_taken_out_and_the_others_are_well(
    world: World, fault: str, provider: str
) -> None:
    await world.open(*first_and_spare(model=f"fault:{fault}", provider=provider))
    assert {await world.ask() for _ in range(5)} == {"spare"}
    assert world.asked("first") == 1
    assert [standing.state for standing in await world.router.standings()] == ["open", "closed"]


async def test_f37_a_redirect_is_not_followed_with_the_key(world: World) -> None:
    await world.open(*first_and_spare(model="fault:redirect"), ("elsewhere", {"enabled": False}))
    first, elsewhere = world.upstreams["first"], world.upstreams["elsewhere"]
    first.redirects_to = elsewhere.url
    assert await world.ask() == "spare"
    assert (first.requests, elsewhere.requests, elsewhere.connections) == (1, 0, 0)
    assert world.entries.rows[0].failure == "transient"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.mark.parametrize("way", ["refused", "tls", "name"])
async def test_f38_a_provider_that_cannot_be_reached_costs_next_to_no_time(world: World, way: str) -> None:
    await world.open(*first_and_spare())
    plain = world.upstreams["first"].port
    urls = {
        "refused": f"http://127.0.0.1:{_free_port()}/v1",
        "tls": f"https://127.0.0.1:{plain}/v1",
        "name": "http://nowhere.invalid/v1",
    }
    route = described("first", base_url=urls[way], weight=1, connect_ms=300, first_content_ms=250)
    spare = described("spare", base_url=world.upstreams["spare"].url, weight=0)
    world.router.adopt(build_catalog("2", [[route, spare]]))
    began = time.monotonic()
    assert await world.ask() == "spare"
    assert time.monotonic() - began < 0.45
    assert world.entries.rows[0].failure in {"transient", "timeout"}


async def test_f40_when_all_connections_are_taken_the_wait_is_bounded_and_the_route_is_not_blamed(
    world: World,
) -> None:
    await world.open(*first_and_spare())
    slow = await Upstream(UpstreamOptions(chunks=2, gap_ms=1, first_ms=180)).start()

    def connect(route: Route, key: RouteKey) -> Engine:
        if route.name == "spare":
            return connect_openai(coalesce_ms=10)(route, key)
        return OpenAICompatible(OpenAIOptions(url=slow.url, model="sim", connections=1, connect_ms=100, name="first"))

    clock = ManualClock()
    entries = Entries()
    router = Router(RouterParts(clock=clock, limits=LimitsMemory(clock), connect=connect, ledger=entries))
    router.adopt(world.router.fleet.catalog)
    async with asyncio.TaskGroup() as group:
        turns = [group.create_task(listen(router, request(f"turn_{i}"))) for i in range(8)]
    routes = sorted(turn.result().finished.route for turn in turns)  # type: ignore[union-attr]
    assert routes == ["first", *["spare"] * 7]
    assert {row.code for row in entries.rows if row.outcome == "failed"} == {"pool_exhausted"}
    assert router.fleet.lines()[0].breaker.is_closed
    await router.close()
    await slow.close()


async def test_f45_a_provider_that_comes_and_goes_is_probed_by_one_turn_at_a_time(world: World) -> None:
    clock = ManualClock()
    await world.open(*first_and_spare())
    entries, parts = Entries(), world.router._parts
    made = RouterParts(
        clock=clock, limits=LimitsMemory(clock), connect=parts.connect, ledger=entries, last_resort=parts.last_resort
    )
    router = Router(made, world.router.fleet.catalog)
    first = world.upstreams["first"]
    told: list[Told] = []
    for second in range(60):
        first.faults.clear()
        if second % 4 >= 2:
            first.faults.extend(["503"] * 8)
        before, breaker = first.requests, router.fleet.lines()[0].breaker
        was_closed = breaker.is_closed or breaker.phase.name == "RAMP"
        told += await asyncio.gather(*(listen(router, request(f"t{second}_{i}")) for i in range(4)))
        assert was_closed or first.requests - before <= 2
        clock.advance(1.0)
    assert {one.failure for one in told} == {None}
    assert {one.finished.route for one in told if one.finished} == {"first", "spare"}
    await router.close()


async def test_f46_with_all_providers_down_the_local_server_answers_and_then_the_knowledge_base(world: World) -> None:
    down = {"model": "fault:503"}
    await world.open(("a", down), ("b", down), ("local", {"tier": "local", "provider": "vllm"}))
    assert {await world.ask() for _ in range(8)} == {"local"}
    asked = world.asked("a") + world.asked("b")
    began = time.monotonic()
    assert await world.ask() == "local"
    assert time.monotonic() - began < 0.5
    assert world.asked("a") + world.asked("b") == asked
    world.upstreams["local"].faults.extend(["503"] * 5)
    assert await world.ask() == "extractive"
    told = await listen(world.router, ask())
    assert told.finished is not None
