from __future__ import annotations

import asyncio

import aiohttp
from tests.engines.streams import client, listen, listen_once

from miaohui.testing.faults import FAULTS
from miaohui.testing.upstream import Upstream, UpstreamOptions


async def test_it_tells_what_it_saw_and_takes_orders(upstream: Upstream) -> None:
    root = upstream.url.removesuffix("/v1")
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{root}/control", json={"faults": ["500"]}) as response:
            assert set((await response.json())["known"]) == set(FAULTS)
        assert (await listen_once(client(upstream.url))).failure is not None
        assert (await listen_once(client(upstream.url))).failure is None
        async with session.get(f"{root}/stats") as response:
            stats = await response.json()
        assert (stats["requests"], stats["finished"], stats["aborted"]) == (2, 2, 0)
        async with session.get(f"{upstream.url}/models") as response:
            assert (await response.json())["data"][0]["id"] == "sim"
        async with session.post(f"{upstream.url}/chat/completions", json={"model": "sim"}) as response:
            assert (await response.json())["choices"][0]["message"]["content"].startswith("您好")


async def test_its_first_word_comes_after_the_time_it_was_given() -> None:
    upstream = await Upstream(UpstreamOptions(chunks=3, gap_ms=1, first_ms=60, first_ms_max=90)).start()
    told = await listen(client(upstream.url))
    assert told.finished is not None
    assert 55 <= told.finished.first_content_ms <= 200
    await upstream.close()


async def test_many_streams_keep_their_pace() -> None:
    upstream = await Upstream(UpstreamOptions(chunks=10, gap_ms=10, first_ms=20)).start()
    engine = client(upstream.url, first_content_ms=2000, idle_ms=2000)
    began = asyncio.get_running_loop().time()
    told = await asyncio.gather(*[listen(engine) for _ in range(50)])
    assert {one.failure for one in told} == {None}
    assert 0.11 <= asyncio.get_running_loop().time() - began < 1.5
    await engine.close()
    await upstream.close()
