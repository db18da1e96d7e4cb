"""Connections that are late, half open, taken apart or cut in the middle: Redis's and clients'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import aiohttp
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from tests.conformance.client import Site, View, observing
from tests.conformance.house import Process, serving
from tests.support.servers import RedisServer

from miaohui.testing.proxy import Proxy, Toxics, through
from miaohui.testing.upstream import Upstream, UpstreamOptions

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]


# Redis


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def redis_proxy() -> AsyncIterator[tuple[Proxy, RedisServer]]:
    redis = RedisServer()
    redis.start()
    async with through("127.0.0.1", redis.port) as proxy:
        yield proxy, redis
    redis.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(
    redis_proxy: tuple[Proxy, RedisServer], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Process]:
    upstream = await Upstream(UpstreamOptions(chunks=20, gap_ms=40, first_ms=20)).start()
    data = tmp_path_factory.mktemp("proxied") / "data"
    url = f"redis://127.0.0.1:{redis_proxy[0].port}/0"
    async with serving(
        data, redis_url=url, engine_url=upstream.url, engine_model="sim", answer_cache="false"
    ) as served:
        yield served
    await upstream.close()


@pytest_asyncio.fixture(loop_scope="module")
async def site(process: Process) -> AsyncIterator[Site]:
    async with aiohttp.ClientSession() as http:
        yield await _arrive(process, http, process.base)


async def _arrive(process: Process, http: aiohttp.ClientSession, base: str) -> Site:
    async with http.post(f"{process.base}/v1/widget/session", json={"site_key": process.tenants[0].site_key}) as answer:
        return Site(base, (await answer.json())["token"], http)


@pytest.mark.parametrize(
    "toxics",
    [
        Toxics(delay_s=0.5),
        Toxics(silent=True),
        Toxics(slice_bytes=1),
        Toxics(refuse=True),
        Toxics(bytes_per_s=200.0),
    ],
    ids=["late", "half open", "in single bytes", "refusing", "narrow"],
)
async def test_a_redis_that_is_not_well_delays_no_ack_past_two_seconds(
    redis_proxy: tuple[Proxy, RedisServer], site: Site, toxics: Toxics
) -> None:
    proxy, _ = redis_proxy
    conversation = await site.begin()
    proxy.toxics = toxics
    if toxics.refuse:
        proxy.cut()
    try:
        for number in range(4):
            began = monotonic()
            ack = await site.post(conversation, f"m{number}", f"第 {number} 句")
            assert ack["t"] == "ack", ack
            assert monotonic() - began < 2.0
    finally:
        proxy.toxics = Toxics()
    asked = [one["text"] for one in await site.read(conversation) if one["sender"]["kind"] == "visitor"]
    assert asked == [f"第 {number} 句" for number in range(4)]


async def test_a_failover_to_an_empty_redis_is_got_over_within_seconds(
    redis_proxy: tuple[Proxy, RedisServer], site: Site, process: Process
) -> None:
    proxy, redis = redis_proxy
    other = RedisServer()
    other.start()
    conversation = await site.begin()
    try:
        async with observing("websocket", site, conversation) as observer:
            await observer.send("before", "怎么退货?")
            proxy.lead_to("127.0.0.1", other.port)
            proxy.cut()
            await observer.until(lambda view: len(view.turns) == 1)
            ack = await observer.send("after", "还在吗?")
            assert ack["t"] == "ack"
            await observer.until(lambda view: len(view.turns) == 2)
            assert observer.view.violations == []
            await _connected(process, site)
    finally:
        proxy.lead_to("127.0.0.1", redis.port)
        proxy.cut()
        other.kill()


@pytest.mark.parametrize("how", ["full", "read-only"])
async def test_a_redis_that_takes_nothing_more_is_as_one_that_is_away(
    redis_proxy: tuple[Proxy, RedisServer], site: Site, how: str
) -> None:
    _, redis = redis_proxy
    conversation = await site.begin()
    async with Redis.from_url(redis.url) as direct:
        if how == "full":
            await direct.config_set("maxmemory", "1")
        else:
            await direct.replicaof("127.0.0.1", 1)  # a primary that is not there
        try:
            with pytest.raises(ResponseError, match=r"maxmemory|READONLY|read only"):
                await direct.set("anything", "x" * 100)
            async with observing("websocket", site, conversation) as observer:
                for number in range(3):
                    began = monotonic()
                    ack = await observer.send(f"m{number}", f"第 {number} 句")
                    assert ack["t"] == "ack", ack
                    assert monotonic() - began < 2.0
                await observer.until(lambda view: len(view.turns) == 3)
                assert observer.view.violations == []
        finally:
            await direct.config_set("maxmemory", "0")
            await direct.replicaof("NO", "ONE")
        await direct.set("anything", "x", ex=1)
    assert [one["text"] for one in await site.read(conversation) if one["sender"]["kind"] == "visitor"] == [
        f"第 {number} 句" for number in range(3)
    ]


async def _connected(process: Process, site: Site) -> None:
    async with asyncio.timeout(5):
        while True:
            async with site.http.get(f"{process.base}/metrics") as answer:
                if "miaohui_fanout_connected 1.0" in await answer.text():
                    return
            await asyncio.sleep(0.05)


# Clients


async def test_a_client_on_a_bad_line_sees_everything_once(process: Process) -> None:
    async with through("127.0.0.1", process.port) as proxy, aiohttp.ClientSession() as http:
        proxy.toxics = Toxics(slice_bytes=40, delay_s=0.01, bytes_per_s=8_000)
        site = await _arrive(process, http, f"http://127.0.0.1:{proxy.port}")
        conversation = await site.begin()
        view = View()
        async with observing("websocket", site, conversation, view) as observer:
            await observer.send("one", "怎么退货?")
            await observer.until(lambda view: any(stream.i >= 2 for stream in view.streams.values()))
            proxy.cut()
            await observer.until(lambda _: observer.closed_with is not None)
        async with observing("websocket", site, conversation, view) as observer:
            again = await observer.send("one", "怎么退货?")
            assert (again["dup"], again["seq"]) == (True, 1)
            await observer.until(lambda view: view.seq == 2)
            await observer.until(lambda view: not view.open)
        assert view.violations == []
        assert [one["sender"]["kind"] for _, one in sorted(view.messages.items())] == ["visitor", "assistant"]


async def test_a_line_that_goes_dead_is_noticed_by_the_next_connection_only(process: Process) -> None:
    async with through("127.0.0.1", process.port) as proxy, aiohttp.ClientSession() as http:
        site = await _arrive(process, http, f"http://127.0.0.1:{proxy.port}")
        conversation = await site.begin()
        view = View()
        async with observing("websocket", site, conversation, view) as observer:
            await observer.until(lambda view: bool(view.recovered))
            proxy.toxics.silent = True
            direct = Site(process.base, site.token, http)
            ack = await direct.post(conversation, "one", "怎么退货?")
            assert ack["seq"] == 1
            await asyncio.sleep(0.2)
            assert view.seq == 0
            proxy.cut()
        proxy.toxics.silent = False
        async with observing("websocket", site, conversation, view) as observer:
            await observer.until(lambda view: view.seq == 2)
            assert view.violations == []
