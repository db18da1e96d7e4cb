"""`miaohui serve --workers 2`: one port, two processes, one that dies is replaced, and a stop loses nothing."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil  # type: ignore[import-untyped]
import pytest
from tests.conformance.client import Site, observing
from tests.integration.cluster import Cluster
from tests.support.waiting import until

pytestmark = [
    pytest.mark.pg,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("cluster"),
]

QUESTION = "如何退货?"


class Supervised:
    """The supervisor, its address and its workers."""

    def __init__(self, process: asyncio.subprocess.Process, base: str) -> None:
        self.process = process
        self.base = base

    @property
    def workers(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children())

    def serving(self) -> list[int]:
        """Connections that each worker has taken on the shared port."""
        return [self._count(worker, psutil.CONN_ESTABLISHED) for worker in self.workers]

    def listening(self) -> int:
        """Workers that listen on the shared port."""
        return sum(self._count(worker, psutil.CONN_LISTEN) > 0 for worker in self.workers)

    def _count(self, worker: psutil.Process, status: str) -> int:
        port = int(self.base.rpartition(":")[2])
        try:
            return sum(one.status == status and one.laddr.port == port for one in worker.net_connections())
        except psutil.NoSuchProcess:  # it ended while we looked
            return 0


@asynccontextmanager
async def supervised(cluster: Cluster) -> AsyncIterator[Supervised]:
    environment = {**cluster.a.environment, "MIAOHUI_DRAIN_SECONDS": "10"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "miaohui", "serve", "--workers", "2", "--port", "0",
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            found = None
            while found is None:
                found = re.search(r"2 workers on (http://\S+)", (await process.stdout.readline()).decode())
        one = Supervised(process, found[1])
        await until(lambda: one.listening() == 2, 30)
        yield one
    finally:
        if process.returncode is None:
            for child in psutil.Process(process.pid).children():
                child.kill()
            process.kill()
            await process.wait()


async def test_both_take_connections_one_is_replaced_and_a_stop_drains(cluster: Cluster) -> None:
    async with supervised(cluster) as both:
        home = await cluster.visitor(cluster.a)
        site = Site(both.base, home.token, cluster.http)
        conversation = await site.begin()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as crowd:
            sockets = [await crowd.ws_connect(f"{both.base}/v1/ws", protocols=["miaohui.v1+json"]) for _ in range(24)]
            assert min(both.serving()) > 0
            for socket in sockets:
                await socket.close()
        victim = both.workers[0]
        victim.kill()
        await until(lambda: both.listening() == 2 and victim.pid not in {one.pid for one in both.workers}, 30)
        async with asyncio.timeout(10), observing("events", site, conversation) as observer:
            await observer.send("one", QUESTION)
            await observer.until(lambda view: "answered" in view.turns.values())
            assert observer.view.violations == []
        cluster.upstream.faults.append("chunks:20")
        asked = cluster.upstream.requests
        await site.post(conversation, "two", QUESTION)
        await until(lambda: cluster.upstream.requests > asked)
        both.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await both.process.wait() == 0
        thread = await home.read(conversation)
        assert [message["sender"]["kind"] for message in thread] == ["visitor", "assistant"] * 2


@pytest.mark.parametrize(
    ("options", "word"),
    [({}, "PostgreSQL"), ({"MIAOHUI_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/x"}, "Redis")],
)
async def test_several_processes_that_would_not_hear_each_other_are_refused(
    tmp_path: Path, options: dict[str, str], word: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "miaohui", "serve", "--workers", "2", "--port", "0", "--data", str(tmp_path),
        env={**os.environ, **options}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    assert process.returncode == 1
    assert f"--workers needs {word}" in said.decode()
    assert "Traceback" not in said.decode()
