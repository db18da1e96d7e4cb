"""Little is left to a process: memory, a place to write its log, the names of the world (H3, H5, H6)."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from time import monotonic

import aiohttp
import psutil  # type: ignore[import-untyped]
import pytest
from tests.conformance.client import Site
from tests.conformance.house import Process, furnish
from tests.faults.visiting import LIFTED, arrive
from tests.support.failing import Failing
from tests.support.servers import free_port

from miaohui.settings.types import Settings
from miaohui.webhooks.types import Wish
from miaohui.wiring import open_house

pytestmark = pytest.mark.faults


async def answered(site: Site, conversation: str, messages: int) -> None:
    async with asyncio.timeout(15):
        while len(await site.read(conversation)) < messages:  # noqa: ASYNC110  (the server has the news)
            await asyncio.sleep(0.05)


# Memory


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not here")
async def test_with_little_memory_a_storm_is_shed_and_the_process_lives(tmp_path: Path) -> None:
    process = Process(tmp_path / "data", {**LIFTED, "log_level": "error"})
    process.tenants = await furnish(process)
    # What is counted here is addresses, of which every thread's arena takes 64 MB, used or not.
    process.command = ["env", "MALLOC_ARENA_MAX=1", sys.executable, "-m", "miaohui"]
    await process.start()
    assert process.process is not None
    server = psutil.Process(process.process.pid)
    most = server.memory_info().vms + 200 * 2**20
    server.rlimit(psutil.RLIMIT_AS, (most, most))
    refused = 0
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http, AsyncExitStack() as crowd:
            for _ in range(20):
                made = await asyncio.gather(*(_storm(process, http, crowd) for _ in range(50)), return_exceptions=True)
                refused += sum(1 for one in made if isinstance(one, BaseException) or one != 0)
                assert process.alive, "".join(process.output)[-1500:]
            assert server.memory_info().vms <= most
        async with aiohttp.ClientSession() as http, asyncio.timeout(30):
            site, conversation = await arrive(process, http)
            await say(site, conversation, "after")
            await answered(site, conversation, 2)
        assert not [line for line in process.output if "MemoryError" in line and "Traceback" in line]
    finally:
        await process.end(signal.SIGKILL)


async def _storm(process: Process, http: aiohttp.ClientSession, crowd: AsyncExitStack) -> int:
    """One more visitor, who stays, with the longest message that is taken; 1 when refused."""
    site, conversation = await arrive(process, http)
    socket = await http.ws_connect(f"{process.base}/v1/ws", protocols=["miaohui.v1+json"])
    crowd.push_async_callback(socket.close)
    resume = [{"conv": conversation, "epoch": "", "seq": 0, "streams": []}]
    await socket.send_json({"t": "hello", "v": 1, "token": site.token, "device": "d", "resume": resume})
    answer = await site.post(conversation, "long", "退货 " * 2_000)
    return 0 if answer["t"] == "ack" else 1


# The log


async def test_a_log_that_nobody_takes_stops_nothing(tmp_path: Path) -> None:
    process = Process(tmp_path / "data", {**LIFTED, "log_level": "debug", "port": str(port := free_port())})
    process.tenants = await furnish(process)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    environment = {**process.environment, "MIAOHUI_PORT": str(port)}
    born = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "miaohui", "serve", "--port", str(port)),
        env=environment, stdout=writing, stderr=writing,
    )  # fmt: skip
    process.base = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            async with asyncio.timeout(60):
                while not await _is_up(http, process.base):  # noqa: ASYNC110  (the server has the news)
                    await asyncio.sleep(0.1)
            await asyncio.to_thread(fill, writing)
            site, conversation = await arrive(process, http)
            for _ in range(50):
                await babble(port)
            await say(site, conversation, "unheard")
            await answered(site, conversation, 2)
            os.set_blocking(reading, False)
            await asyncio.to_thread(drain, reading)
            await babble(port)
            assert b"log.dropped lines=" in await asyncio.to_thread(drain, reading)
            await say(site, conversation, "heard")
    finally:
        born.kill()
        await born.wait()
        os.close(reading)
        os.close(writing)


async def babble(port: int) -> None:
    """Something that the server complains of in its log."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\0\0\0\r\n\r\n")
        await reader.read()
        writer.close()


def fill(pipe: int) -> None:
    """Until nothing more goes in; the program's own end stays one that waits."""
    own = os.open(f"/proc/self/fd/{pipe}", os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(own, b"x" * 63 + b"\n")
    os.close(own)


def drain(pipe: int) -> bytes:
    """Everything that is in it."""
    found = b""
    with suppress(BlockingIOError):
        while piece := os.read(pipe, 65_536):
            found += piece
    return found


async def say(site: Site, conversation: str, cmid: str) -> None:
    """Send it until it is taken: a busy machine refuses now and then."""
    async with asyncio.timeout(15):
        while (await site.post(conversation, cmid, "怎么退货"))["t"] != "ack":  # noqa: ASYNC110  (as above)
            await asyncio.sleep(0.2)


async def _is_up(http: aiohttp.ClientSession, base: str) -> bool:
    try:
        async with http.get(f"{base}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


# Names


async def test_a_resolver_that_never_answers_holds_up_only_what_goes_out(tmp_path: Path) -> None:
    failing = Failing(tmp_path, "nothing")
    options = {"log_level": "warning", "webhook_private": "true", "engine_url": "http://provider.example/v1"}
    process = Process(tmp_path / "data", {**LIFTED, **options, "engine_model": "sim"})
    process.tenants = await furnish(process)
    async with open_house(Settings(data=process.data, **process.options), background=False) as house:  # type: ignore[arg-type]
        for number in range(12):
            wish = Wish(url=f"http://receiver-{number}.example/", events=("message.created",))
            await house.webhooks.create_endpoint(process.tenants[0].id, wish)
    process.command = [*failing.command, sys.executable, "-m", "miaohui"]
    failing.now(lookup_ms=30_000)
    await process.start()
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            people = [await arrive(process, http) for _ in range(20)]
            took = list[float]()
            for number in range(5):
                for site, conversation in people:
                    began = monotonic()
                    await say(site, conversation, f"m{number}")
                    took.append(monotonic() - began)
            began = monotonic()
            async with http.get(f"{process.base}/docs/") as answer:  # a file: read beside the loop
                assert answer.status == 200
            took.append(monotonic() - began)
            assert sorted(took)[len(took) * 99 // 100] < 2.0
            async with http.get(f"{process.base}/readyz") as answer:
                assert answer.status == 200
            for site, conversation in people[:3]:
                await _ended(site, conversation)
    finally:
        failing.now()
        await process.end(signal.SIGKILL)


async def _ended(site: Site, conversation: str) -> None:
    """The first turn came to an end, with or without a provider."""

    async def count() -> int:
        return sum(1 for one in await site.read(conversation) if one["sender"]["kind"] != "visitor")

    async with asyncio.timeout(60):
        while not await count():  # noqa: ASYNC110  (as above)
            await asyncio.sleep(0.2)
