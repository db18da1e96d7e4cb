"""Two nodes before the same provider, with a real Redis between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from redis.asyncio import Redis
from tests.engines.routing import Stage, broken, described, request
from tests.engines.streams import listen
from tests.support.servers import RedisServer
from tests.support.waiting import until

from miaohui.engines.breaker import Breaker, Phase, Rules
from miaohui.engines.news import RouteNews
from miaohui.engines.news_redis import RedisNews
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import SystemClock
from miaohui.kit.ids import new_id
from miaohui.testing.engine import Act, FakeEngine

SOON = Rules(open_s=0.4, lease_s=5)


class Pair:
    """Two routers that know each other by Redis alone; their route has a name of its own."""

    def __init__(self, redis: Redis, *scripts: Sequence[Act], rules: Rules = SOON, shared: bool = False) -> None:
        """`shared`: both ask the same engine, so that its script goes on from one to the other."""
        self.name = new_id("route").lower()
        clock = SystemClock()
        engine = FakeEngine(*scripts)
        self.nodes = [
            Stage(
                [described(self.name)],
                {self.name: engine if shared else FakeEngine(*scripts)},
                news=RedisNews(redis, clock, f"{self.name}-{node}"),
                rules=rules,
                clock=clock,
            )
            for node in "ab"
        ]

    def breaker(self, node: int) -> Breaker:
        (line,) = self.nodes[node].router.fleet.lines()
        return line.breaker

    async def ask(self, node: int, times: int = 1) -> None:
        for _ in range(times):
            await listen(self.nodes[node].router, request(conversation_id=""))

    def asked(self, node: int) -> int:
        return self.nodes[node].asked(self.name)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def hear(pair: Pair) -> None:
    for node in pair.nodes:
        await node.router.books.hear_news(node.router.fleet.lines())


async def heard(pair: Pair, phase: Phase) -> None:
    """The second node has heard from the first that the route stands so."""
    async with asyncio.timeout(5):
        while pair.breaker(1).phase is not phase:
            await hear(pair)


async def test_what_one_node_found_ill_the_other_leaves_alone_within_a_second(redis: Redis) -> None:
    pair = Pair(redis, [broken()], rules=Rules())
    running = [spawn(node.router.run(), name="router") for node in pair.nodes]
    await pair.ask(0, 5)
    assert pair.breaker(0).phase is Phase.OPEN
    await until(lambda: pair.breaker(1).phase is Phase.OPEN, 1.0)
    await pair.ask(1, 3)
    assert pair.asked(1) == 0
    await stop(*running)


async def test_one_probe_at_a_time_over_all_nodes(redis: Redis) -> None:
    gate = asyncio.Event()
    pair = Pair(redis, *[[broken()]] * 5, [gate, "好"], shared=True)
    await pair.ask(0, 5)
    await heard(pair, Phase.OPEN)
    assert pair.breaker(0).phase is Phase.OPEN
    await asyncio.sleep(0.5)
    probing = spawn(pair.ask(1), name="probe")
    await until(lambda: pair.breaker(1).phase is Phase.HALF_OPEN)
    await pair.ask(0, 3)
    assert pair.breaker(0).phase is Phase.OPEN
    gate.set()
    await probing


async def test_where_the_probes_passed_all_nodes_begin_again(redis: Redis) -> None:
    pair = Pair(redis, *[[broken()]] * 5, ["好"])
    await pair.ask(0, 5)
    await heard(pair, Phase.OPEN)
    await asyncio.sleep(0.5)
    await pair.ask(0, 2)
    assert pair.breaker(0).phase is Phase.RAMP
    await heard(pair, Phase.RAMP)
    assert pair.asked(1) == 0


async def test_old_news_is_heard_once(redis: Redis) -> None:
    pair = Pair(redis, *[[broken()]] * 5, ["好"], rules=Rules())
    await pair.ask(0, 5)
    await heard(pair, Phase.OPEN)
    breaker = pair.breaker(1)
    assert breaker.adopt_ramp(SystemClock().monotonic())
    await hear(pair)
    assert breaker.phase is Phase.RAMP


async def test_without_redis_each_node_goes_by_what_it_sees(redis_server: RedisServer) -> None:
    client: Redis = Redis.from_url(redis_server.url, socket_connect_timeout=0.2)
    news = RedisNews(client, SystemClock(), "a")
    redis_server.kill()
    try:
        assert await news.lease("r", 1)
        assert list(await news.look(["r"])) == []
        news.tell(RouteNews(route="r", phase="open", rests_s=1))
        await asyncio.sleep(0.05)
    finally:
        redis_server.start()
        await client.aclose()
