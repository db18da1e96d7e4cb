"""Providers that are all away for a while, or slow, under load: nobody is left without an end (B11, B12)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic

import aiohttp
import pytest
import pytest_asyncio
from tests.conformance.client import Follower, Site, observing
from tests.conformance.house import Process, serving

from miaohui.testing.proxy import Proxy, Toxics, through
from miaohui.testing.upstream import Upstream, UpstreamOptions

pytestmark = [pytest.mark.faults, pytest.mark.nightly, pytest.mark.asyncio(loop_scope="module")]

AWAY_S, VISITORS = 12, 12
SLOW = UpstreamOptions(chunks=10, gap_ms=20, first_ms=1_200, first_ms_max=1_800)
"""Latency of a whole answer: 1.4 to 2.0 s."""


@pytest_asyncio.fixture(loop_scope="module")
async def upstream() -> AsyncIterator[Upstream]:
    provider = await Upstream(SLOW).start()
    yield provider
    await provider.close()


@pytest_asyncio.fixture(loop_scope="module")
async def proxy(upstream: Upstream) -> AsyncIterator[Proxy]:
    async with through("127.0.0.1", upstream.port) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def process(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    url = f"http://127.0.0.1:{proxy.port}/v1"
    data = tmp_path_factory.mktemp("providers") / "data"
    async with serving(
        data, engine_url=url, engine_model="sim", answer_cache="false", shared_calls="0", strained_route=""
    ) as served:
        yield served


async def follower(stack: AsyncExitStack, process: Process, http: aiohttp.ClientSession) -> Follower:
    """Somebody who looks at their own conversation."""
    async with http.post(f"{process.base}/v1/widget/session", json={"site_key": process.tenants[0].site_key}) as answer:
        site = Site(process.base, (await answer.json())["token"], http)
    observer: Follower = await stack.enter_async_context(observing("websocket", site, await site.begin()))
    return observer


async def ask(observer: Follower, number: int) -> float:
    """Seconds until the turn has come to an end."""
    began, ended = monotonic(), len(observer.view.turns)
    while (ack := await observer.send(f"m{number}", f"第 {number} 次问:怎么退货?"))["t"] == "nack":
        assert ack["retryable"], ack
        await asyncio.sleep(ack["retry_after_ms"] / 1000)
    await observer.until(lambda view: len(view.turns) > ended)
    return monotonic() - began


async def test_while_all_are_away_every_turn_ends_and_nothing_bursts_out_afterwards(
    process: Process, proxy: Proxy, upstream: Upstream
) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http, AsyncExitStack() as stack:
        people = [await follower(stack, process, http) for _ in range(VISITORS)]
        await asyncio.gather(*(ask(one, 0) for one in people))
        assert upstream.requests >= VISITORS
        proxy.toxics = Toxics(refuse=True)
        proxy.cut()
        try:
            began = monotonic()
            for number in range(1, AWAY_S):
                took = await asyncio.gather(*(ask(one, number) for one in people))
                assert max(took) < 8
                await asyncio.sleep(max(0.0, began + number - monotonic()))
            states = {state for one in people for state in one.view.turns.values()}
            assert states <= {"answered", "handed_off", "failed"}, states
            assert all(len(one.view.turns) == AWAY_S for one in people)
            asked = upstream.requests
        finally:
            proxy.toxics = Toxics()
        await asyncio.sleep(3)
        assert upstream.requests - asked <= 1, "what was over was asked again"
        async with asyncio.timeout(60):
            number = AWAY_S
            while upstream.requests <= asked + 1:
                number += 1
                await ask(people[0], number)
        assert [one.view.violations for one in people] == [[]] * VISITORS


async def test_one_in_a_hundred_that_never_answers_holds_up_nobody_else(process: Process, upstream: Upstream) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http, AsyncExitStack() as stack:
        people = [await follower(stack, process, http) for _ in range(50)]

        async def talk(place: int, one: Follower) -> list[float]:
            await asyncio.sleep(place / 25)
            took = list[float]()
            for number in range(4):
                if place in {10, 30} and number == 2:
                    upstream.faults.append("silent")
                took.append(await ask(one, number))
            return took

        took = sorted(seconds for one in await asyncio.gather(*map(talk, range(50), people)) for seconds in one)
        assert len(took) == 200
        usual, silent = took[: 200 * 99 // 100], took[200 * 99 // 100 :]
        assert usual[-1] <= 4.0, usual[-5:]
        assert max(silent) <= 9.0, silent
        assert {state for one in people for state in one.view.turns.values()} <= {"answered", "handed_off"}
