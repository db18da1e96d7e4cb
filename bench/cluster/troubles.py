"""What breaks, one thing after another, each with a name and the time for which it is broken."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from redis.asyncio import Redis

from bench.client import now
from bench.cluster.site import Site
from bench.cluster.stretches import BACK_S
from miaohui.testing.history.types import Fault

Trouble: TypeAlias = Callable[[Site, list[Fault]], Awaitable[None]]
REDIS_AWAY_S, ASLEEP_S = 8.0, 40.0


@asynccontextmanager
async def _broken(name: str, faults: list[Fault]) -> AsyncIterator[None]:
    begin = now()
    yield
    faults.append(Fault(name=name, begin=begin, end=now() + BACK_S))


async def rolling_restart(site: Site, faults: list[Fault]) -> None:
    """Each node is drained, ended and started again, one after the other."""
    async with _broken("rolling restart", faults):
        for node in site.nodes:
            await node.stop()
            await node.start()
            await asyncio.sleep(2)


async def redis_killed(site: Site, faults: list[Fault]) -> None:
    """`kill -9`; it comes back empty."""
    async with _broken("redis killed", faults):
        site.redis.kill()
        await asyncio.sleep(REDIS_AWAY_S)
        await asyncio.to_thread(site.redis.start)


async def redis_flushed(site: Site, faults: list[Fault]) -> None:
    """FLUSHALL, and every connection to it is cut."""
    async with _broken("redis flushed", faults):
        redis = Redis.from_url(site.redis.url)
        await redis.flushall()
        await redis.client_kill_filter(_type="pubsub")
        await redis.aclose()


async def postgres_restarted(site: Site, faults: list[Fault]) -> None:
    """A fast restart: every connection is cut, then a start."""
    async with _broken("postgresql restarted", faults):
        await site.postgres.stop()
        await site.postgres.start()


async def postgres_killed(site: Site, faults: list[Fault]) -> None:
    """`kill -9` of the postmaster, recovery, and a start."""
    async with _broken("postgresql killed", faults):
        await site.postgres.kill()
        await site.postgres.start()


async def node_killed(site: Site, faults: list[Fault]) -> None:
    """`kill -9` of a node, which is started again after a while."""
    async with _broken("node killed", faults):
        node = site.nodes[0]
        node.send(signal.SIGKILL)
        await node.stop()
        await asyncio.sleep(3)
        await node.start()


async def node_asleep(site: Site, faults: list[Fault]) -> None:
    """SIGSTOP for so long that its leases are over; then it goes on as if nothing had been."""
    async with _broken("node asleep", faults):
        site.nodes[1].send(signal.SIGSTOP)
        await asyncio.sleep(ASLEEP_S)
        site.nodes[1].send(signal.SIGCONT)


TROUBLES: dict[str, Trouble] = {
    "rolling-restart": rolling_restart,
    "redis-killed": redis_killed,
    "redis-flushed": redis_flushed,
    "postgres-restarted": postgres_restarted,
    "postgres-killed": postgres_killed,
    "node-killed": node_killed,
    "node-asleep": node_asleep,
}
