"""Faults that the whole room survives, F18, F44 and F47 to F50: router, cache, tools and Redis over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from tests.engines.routing import Entries, over_sockets, request
from tests.engines.streams import Told, listen
from tests.support.servers import RedisServer, free_port
from tests.support.waiting import until

from miaohui.engines.budget import Hedging
from miaohui.engines.cache import CachedEngine, CacheParts
from miaohui.engines.cache_memory import CacheMemory
from miaohui.engines.cache_redis import CacheRedis
from miaohui.engines.coalesce import Flights
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.limits_redis import LimitsRedis
from miaohui.engines.news_redis import RedisNews
from miaohui.engines.router import Router
from miaohui.engines.types import Restarted, Started, Text
from miaohui.kit.clock import SystemClock
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.testing.wire import DONE, END, SSE, chunk, framed
from miaohui.tools.loop import ToolLoop
from miaohui.tools.toolbox import Tool, ToolBox
from miaohui.tools.types import Order


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    provider = await Upstream(UpstreamOptions(chunks=6, gap_ms=5, first_ms=5)).start()
    yield provider
    await provider.close()


@pytest.fixture
async def after() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


# -- F18


def find_order(seen: list[Order]) -> Tool:
    async def work(order: Order) -> object:
        seen.append(order)
        return {"state": "已发货"}

    parameters = {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}
    return Tool(
        name="find_order",
        description="an order's state",
        parameters=parameters,
        risk="low_impact_write",
        work=work,
    )


def results(body: dict[str, Any]) -> list[Any]:
    return [msgspec.json.decode(one["content"]) for one in body["messages"] if one["role"] == "tool"]


async def test_f18_broken_arguments_and_unknown_tools_get_one_repair_and_the_engine_is_told(
    upstream: Upstream, after: AsyncExitStack
) -> None:
    router, entries = over_sockets([("first", upstream, {"capabilities": ["tools"]})])
    after.push_async_callback(router.close)
    seen: list[Order] = []
    loop = ToolLoop(router, ToolBox([find_order(seen)]), SystemClock())
    upstream.faults.extend(["tools-wrong", "tools-wrong", "ok"])
    told = await listen(loop, request())
    assert told.failure is None
    assert told.text.startswith("您好")
    assert seen == []
    cut, unknown = results(upstream.bodies[1])
    assert (cut["error"]["code"], cut["error"]["retry"]) == ("invalid_arguments", True)
    assert unknown["error"]["code"] == "unknown_tool"
    assert [one["error"]["retry"] for one in results(upstream.bodies[2])] == [True, False, False, False]
    assert len({row.id for row in entries.rows}) == 3


async def test_f18_a_write_called_twice_under_one_id_and_again_under_another_runs_once(
    upstream: Upstream, after: AsyncExitStack
) -> None:
    router, _ = over_sockets([("first", upstream, {"capabilities": ["tools"]})])
    after.push_async_callback(router.close)
    seen: list[Order] = []
    upstream.faults.extend(["tools-twice", "ok"])
    told = await listen(ToolLoop(router, ToolBox([find_order(seen)]), SystemClock()), request())
    assert told.failure is None
    assert [order.key for order in seen] == ["turn_1:1"]
    asked = next(one for one in upstream.bodies[1]["messages"] if one.get("tool_calls"))
    assert [call["id"] for call in asked["tool_calls"]] == ["a", "b"]
    assert results(upstream.bodies[1]) == [{"state": "已发货"}] * 2


# -- F44


class Shared:
    """Everything of the room that Redis has a part in."""

    def __init__(self, upstream: Upstream, url: str, stack: AsyncExitStack) -> None:
        clock = SystemClock()
        self.redis: Redis = Redis.from_url(url, socket_connect_timeout=0.2, socket_timeout=0.5)
        stack.push_async_callback(self.redis.aclose)
        self.router, self.entries = over_sockets(
            [("first", upstream, {"rpm": 1000, "tpm": 1_000_000})],
            limits=LimitsRedis(self.redis, clock, LimitsMemory(clock)),
            news=RedisNews(self.redis, clock, "boot_1"),
        )
        stack.push_async_callback(self.router.close)
        stores = (CacheMemory(clock), CacheRedis(self.redis, clock, keep_s=60))
        self.cached = CachedEngine(self.router, CacheParts(clock=clock, stores=stores, flights=Flights()))
        self._asked = 0

    async def ask(self, count: int = 3) -> None:
        """Questions that nobody asked before; each must be answered by the provider."""
        for _ in range(count):
            self._asked += 1
            told = await listen(self.cached, request(f"turn_{self._asked}", question=f"问题{self._asked}"))
            assert told.failure is None
            assert told.finished is not None
            assert told.finished.route == "first"
        await self.router.books.hear_news(self.router.fleet.lines())


async def test_f44_redis_without_scripts_dead_and_back_again_fails_no_turn(
    redis_server: RedisServer, upstream: Upstream, after: AsyncExitStack
) -> None:
    room = Shared(upstream, redis_server.url, after)
    await room.ask()
    await room.redis.script_flush()
    await room.ask()
    redis_server.kill()
    try:
        began = asyncio.get_running_loop().time()
        await room.ask()
        assert asyncio.get_running_loop().time() - began < 2.0
    finally:
        redis_server.start()
    await room.ask()
    assert len(room.entries.rows) == upstream.requests == 12


@pytest.mark.parametrize(
    "reply", [b"", b"-READONLY You can't write against a read only replica.\r\n", b"-LOADING Redis is loading\r\n"]
)
async def test_f44_a_redis_that_is_slow_or_failing_over_fails_no_turn(
    upstream: Upstream, after: AsyncExitStack, reply: bytes
) -> None:
    """Empty: it accepts, reads and never says a word."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65_536):
                if reply:
                    writer.write(reply)
        finally:
            writer.close()

    port = free_port()
    server = await asyncio.start_server(answer, "127.0.0.1", port)
    after.callback(server.close)
    room = Shared(upstream, f"redis://127.0.0.1:{port}/0", after)
    began = asyncio.get_running_loop().time()
    await room.ask()
    assert asyncio.get_running_loop().time() - began < 3.0


# -- F47


class Jumping(SystemClock):
    """Its wall clock is set an hour forward and two hours back by turns; time itself passes as ever."""

    jump_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.jump_ms


async def test_f47_a_wall_clock_that_jumps_changes_neither_limits_nor_rests_nor_breakers(
    redis_server: RedisServer, upstream: Upstream, after: AsyncExitStack
) -> None:
    spare = await Upstream(UpstreamOptions(chunks=2, gap_ms=1, first_ms=1)).start()
    after.push_async_callback(spare.close)
    clock = Jumping()
    redis: Redis = Redis.from_url(redis_server.url)
    after.push_async_callback(redis.aclose)
    limits = LimitsRedis(redis, clock, LimitsMemory(clock))
    nodes: list[tuple[Router, Entries]] = [
        over_sockets([("first", upstream, {"rpm": 3}), ("spare", spare, {"weight": 0})], clock=clock, limits=limits)
        for _ in range(2)
    ]
    routes: list[str] = []
    for turn in range(8):
        clock.jump_ms = (0, 3_600_000, -3_600_000)[turn % 3]
        router, _ = nodes[turn % 2]
        told = await listen(router, request(f"turn_{turn}"))
        assert told.finished is not None
        routes.append(told.finished.route)
    assert routes == ["first"] * 3 + ["spare"] * 5
    rows = [row for _, entries in nodes for row in entries.rows]
    assert all(0 <= row.took_ms < 5_000 for row in rows)
    for router, _ in nodes:
        assert all(line.breaker.is_closed for line in router.fleet.lines())
        await router.close()


# -- F48


class Gated:
    """A provider that says its word when the gate opens, and knows who left."""

    def __init__(self, gate: asyncio.Event, *words: str) -> None:
        self._gate = gate
        self._words = words
        self.asked = 0
        self.gone = 0
        self._server: asyncio.Server
        self.url = ""

    async def start(self) -> Gated:
        port = free_port()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        self.asked += 1
        await self._gate.wait()
        writer.write(SSE + b"".join(framed(chunk(word)) for word in self._words))
        try:
            if not await asyncio.wait_for(reader.read(1), 0.2):
                self.gone += 1
                return
        except TimeoutError:
            writer.write(framed(chunk("", "stop") + DONE) + END)
            await writer.drain()
        finally:
            writer.close()

    def close(self) -> None:
        self._server.close()


async def test_f48_two_providers_that_speak_in_the_same_tick_give_one_stream_and_two_entries(
    upstream: Upstream, after: AsyncExitStack
) -> None:
    gate = asyncio.Event()
    one, other = await Gated(gate, "一", "二").start(), await Gated(gate, "甲", "乙").start()
    after.callback(one.close)
    after.callback(other.close)
    router, entries = over_sockets(
        [
            ("one", upstream, {"base_url": one.url, "weight": 1, "first_content_ms": 2000}),
            ("other", upstream, {"base_url": other.url, "weight": 0, "provider": "deepseek", "first_content_ms": 2000}),
        ],
        hedging=Hedging(enabled=True, least_s=0.05, share=1.0),
    )
    after.push_async_callback(router.close)
    reader = asyncio.create_task(listen(router, request()))
    await until(lambda: one.asked and other.asked)
    gate.set()
    told = await reader
    assert told.failure is None
    assert told.text in {"一二", "甲乙"}
    assert not any(isinstance(piece, Restarted) for piece in told.pieces)
    assert sorted(piece.route for piece in told.pieces if isinstance(piece, Started)) == ["one", "other"]
    assert sorted(row.outcome for row in entries.rows) == ["hedge_loser", "winner"]
    await until(lambda: one.gone + other.gone == 1)


# -- F49 and F50


def cached_over(router: Router) -> CachedEngine:
    clock = SystemClock()
    return CachedEngine(router, CacheParts(clock=clock, stores=(CacheMemory(clock),), flights=Flights()))


async def test_f49_the_first_of_five_who_share_a_call_leaves_and_the_others_hear_it_whole(
    upstream: Upstream, after: AsyncExitStack
) -> None:
    router, entries = over_sockets([("first", upstream, {})])
    cached = cached_over(router)
    after.push_async_callback(cached.close)
    heard = asyncio.Event()

    async def leave_early() -> None:
        async for piece in cached.stream(request("turn_0")):
            if isinstance(piece, Text):
                heard.set()

    first = asyncio.create_task(leave_early())
    others = [asyncio.create_task(listen(cached, request(f"turn_{i}"))) for i in range(1, 5)]
    await heard.wait()
    first.cancel()
    told: list[Told] = await asyncio.gather(*others)
    assert first.cancelled()
    assert {one.failure for one in told} == {None}
    assert {one.text for one in told} == {"您好，关于您的问题：商品签收后七天内可以申请退货"}
    assert (upstream.requests, upstream.stats()["aborted"]) == (1, 0)
    assert entries.outcomes() == [("first", "winner")]


async def test_f50_knowledge_published_in_the_middle_of_an_answer_keeps_the_old_answer_out_of_the_new_version(
    upstream: Upstream, after: AsyncExitStack
) -> None:
    router, _ = over_sockets([("first", upstream, {})])
    cached = cached_over(router)
    after.push_async_callback(cached.close)
    upstream.faults.extend(["chunks:9", "chunks:2"])
    begun: Callable[[], bool] = lambda: upstream.requests == 1  # noqa: E731
    before = asyncio.create_task(listen(cached, request("turn_0", knowledge_version=1)))
    await until(begun)
    newer = await listen(cached, request("turn_1", knowledge_version=2))
    older = await before
    assert newer.text != older.text
    again = await listen(cached, request("turn_2", knowledge_version=2))
    assert again.text == newer.text
    assert again.finished is not None
    assert again.finished.route == "cache:first"
    assert upstream.requests == 2
