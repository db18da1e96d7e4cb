"""A process that may open few files takes fewer clients, refuses the rest, and goes on (H1)."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import aiohttp
import pytest
import pytest_asyncio
from tests.conformance.client import Site, observing
from tests.conformance.house import Process, furnish
from tests.support.servers import free_port

pytestmark = [
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not here"),
]

FILES, CROWD = 256, 90


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    options = {"admin_port": str(free_port()), "log_level": "warning", "visitor_burst": "1000", "hello_seconds": "60"}
    place = Process(tmp_path_factory.mktemp("few") / "data", options)
    place.tenants = await furnish(place)
    place.command = ["prlimit", f"--nofile={FILES}:{FILES}", sys.executable, "-m", "miaohui"]
    await place.start()
    yield place
    await place.end()


async def test_over_the_limit_newcomers_are_refused_and_those_inside_go_on(process: Process) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http, AsyncExitStack() as crowd:
        body = {"site_key": process.tenants[0].site_key}
        async with http.post(f"{process.base}/v1/widget/session", json=body) as answer:
            site = Site(process.base, (await answer.json())["token"], http)
        conversation = await site.begin()
        inside = await crowd.enter_async_context(observing("websocket", site, conversation))
        taken = [await _knock(process, http, crowd) for _ in range(CROWD)]
        assert 20 <= sum(taken) < 70, "all were taken, or hardly any"
        ack = await inside.send("one", "怎么退货?")
        assert ack["t"] == "ack"
        await inside.until(lambda view: len(view.turns) == 1)
        admin = f"http://127.0.0.1:{process.options['admin_port']}"
        async with http.get(f"{admin}/healthz") as answer:
            assert answer.status == 200
        assert process.alive
    async with aiohttp.ClientSession() as http, asyncio.timeout(10):
        while not await _knock(process, http, None):  # noqa: ASYNC110  (the server has the news)
            await asyncio.sleep(0.2)


async def _knock(process: Process, http: aiohttp.ClientSession, crowd: AsyncExitStack | None) -> bool:
    """Whether a newcomer is let in; who is not is told so at once."""
    socket = await http.ws_connect(f"{process.base}/v1/ws", protocols=["miaohui.v1+json"])
    with suppress(TimeoutError):
        await socket.receive(timeout=0.1)
    if socket.closed:
        assert socket.close_code == 4504
        return False
    if crowd is not None:
        crowd.push_async_callback(socket.close)
    else:
        await socket.close()
    return True
