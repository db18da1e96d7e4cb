"""Two server processes on one PostgreSQL and one Redis, with a provider that tests make slow or quick."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
from tests.conformance.client import Follower, Site, View
from tests.conformance.house import PASSWORD, Process, serving
from tests.support.servers import RedisServer

from miaohui.testing.upstream import Upstream, UpstreamOptions

LEASE_S = 2.0
SLOW = "chunks:40"
"""A provider's answer of about two seconds; the usual one takes a tenth of that."""
LONG = "chunks:600"
"""One of half a minute, for when somebody interrupts it."""


@dataclass
class Cluster:
    """Node A, node B, and what they share."""

    a: Process
    b: Process
    redis: RedisServer
    upstream: Upstream
    http: aiohttp.ClientSession

    async def visitor(self, node: Process, tenant: int = 0) -> Site:
        """A new visitor, who arrives at this node."""
        body = {"site_key": node.tenants[tenant].site_key}
        async with self.http.post(f"{node.base}/v1/widget/session", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return Site(node.base, (await answer.json())["token"], self.http)

    async def agent(self, node: Process, tenant: int = 0) -> Site:
        """The tenant's agent, logged in at this node."""
        body = {"email": node.tenants[tenant].email, "password": PASSWORD}
        async with self.http.post(f"{node.base}/v1/auth/login", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return Site(node.base, (await answer.json())["access_token"], self.http)

    def at(self, node: Process, site: Site) -> Site:
        """The same person at another node."""
        return Site(node.base, site.token, self.http)

    async def take_over(self, agent: Site, conversation: str) -> None:
        """The agent answers from here on."""
        path = f"{agent.base}/v1/conversations/{conversation}/take-over"
        async with self.http.post(path, headers=agent.headers) as answer:
            assert answer.status == 200, await answer.text()

    async def metric(self, node: Process, name: str) -> float:
        """One number of a node."""
        async with self.http.get(f"{node.base}/metrics") as answer:
            for line in (await answer.text()).splitlines():
                if line.startswith(f"{name} "):
                    return float(line.split()[1])
        raise AssertionError(f"{node.base} has no metric {name}")

    async def connected(self, *nodes: Process, patience_s: float = 10.0) -> float:
        """Wait until these nodes hear each other; the seconds it took."""
        began = monotonic()
        async with asyncio.timeout(patience_s):
            for node in nodes or (self.a, self.b):
                while await self.metric(node, "miaohui_fanout_connected") != 1:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        return monotonic() - began

    def restart_redis(self) -> None:
        """As after a crash: empty, on the same port."""
        self.redis.kill()
        self.redis.start()


@asynccontextmanager
async def running(data: Path, database_url: str) -> AsyncIterator[Cluster]:
    """A cluster for a block."""
    redis = RedisServer()
    redis.start()
    upstream = await Upstream(UpstreamOptions(gap_ms=50, first_ms=20)).start()
    options = {
        "database_url": database_url,
        "redis_url": redis.url,
        "engine_url": upstream.url,
        "engine_model": "chunks:4",
        "engine_coalesce_ms": "30",
        "answer_cache": "false",  # each test scripts its own upstream
        "shared_calls": "0",
        "turn_lease_s": str(LEASE_S),
        "drain_seconds": "1",
    }
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
            serving(data, **options) as a,
        ):
            b = Process(data, a.options, tenants=a.tenants)
            await b.start()
            try:
                yield Cluster(a, b, redis, upstream, http)
            finally:
                await b.end()
                sys.stdout.writelines(["node A:\n", *a.output, "node B:\n", *b.output])
    finally:
        await upstream.close()
        redis.kill()


@dataclass
class TimedView(View):
    """Knows when each message was shown."""

    shown_at: dict[str, float] = field(default_factory=dict)

    def on_msg(self, frame: dict[str, Any]) -> None:
        if frame["msg"]["seq"] > self.seq:
            self.shown_at[frame["msg"]["text"]] = monotonic()
        super().on_msg(frame)


async def joined(*observers: Follower) -> None:
    """Wait until each was told where it stands."""
    for observer in observers:
        await observer.until(lambda view: bool(view.recovered))


def streamed(view: View) -> str:
    """What is shown of an answer that has not ended."""
    return "".join(stream.text for stream in view.streams.values())


def names(view: View) -> list[str]:
    """The kinds of frames, in the order they came."""
    return [frame["t"] for frame in view.frames]


def finals(thread: list[dict[str, Any]]) -> list[str]:
    """The turns that were answered, once for each answer."""
    return [message["turn"] for message in thread if message.get("final")]
