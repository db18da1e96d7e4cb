"""A company is suspended from the terminal while its people are connected to two nodes (G11)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from tests.conformance.client import Site, SocketObserver, observing
from tests.conformance.house import Process
from tests.integration.cluster import LONG, Cluster, joined, streamed
from tests.support.nursery import nursery

pytestmark = [pytest.mark.pg, pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("cluster")]

PROMISED_S = 5.0
THEIRS = 1
QUESTION = "如何退货?"


async def command(node: Process, *words: str) -> str:
    """`miaohui`, in a process of its own on the same records."""
    born = await nursery().start(words, node.environment)
    said = (await born.stdout.read()).decode()
    assert await born.wait() == 0, said
    return said


@asynccontextmanager
async def suspended(node: Process, slug: str) -> AsyncIterator[float]:
    """For a block; when the command began."""
    began = monotonic()
    await command(node, "tenant", "suspend", slug)
    try:
        yield began
    finally:
        await command(node, "tenant", "resume", slug)


async def closed(observer: SocketObserver) -> float:
    """When the socket was closed, with the code that says not to come back."""
    await observer.until(lambda _: observer.closed_with is not None)
    assert observer.closed_with == 4507
    return monotonic()


async def test_sockets_at_both_nodes_are_closed_in_time_and_the_answer_stops(cluster: Cluster) -> None:
    cluster.upstream.faults.append(LONG)
    site = await cluster.visitor(cluster.a, THEIRS)
    conversation = await site.begin()
    neighbour = await cluster.visitor(cluster.b)
    theirs = await neighbour.begin()
    async with (
        observing("websocket", site, conversation) as phone,
        observing("websocket", cluster.at(cluster.b, site), conversation) as laptop,
        observing("websocket", neighbour, theirs) as other,
    ):
        assert isinstance(phone, SocketObserver)
        assert isinstance(laptop, SocketObserver)
        await joined(phone, laptop, other)
        await phone.send("one", QUESTION)
        await laptop.until(lambda view: len(streamed(view)) > 10)
        async with suspended(cluster.a, "theirs"):
            known = monotonic()
            await asyncio.gather(closed(phone), closed(laptop))
            assert monotonic() - known < PROMISED_S
            told = len(phone.view.frames), len(laptop.view.frames)
            for node in (cluster.a, cluster.b):
                body = {"site_key": node.tenants[THEIRS].site_key} if node.tenants else {}
                async with cluster.http.post(f"{node.base}/v1/widget/session", json=body) as answer:
                    assert (answer.status, (await answer.json())["code"]) == (403, "tenant_suspended")
            await other.send("one", QUESTION)
            await other.until(lambda view: "answered" in view.turns.values())
            assert (len(phone.view.frames), len(laptop.view.frames)) == told, "nothing further is delivered"
    await _served_again(cluster, site, conversation)


async def _served_again(cluster: Cluster, site: Site, conversation: str) -> None:
    """At both nodes, with the token from before; the question is there, and not a word of its answer."""
    for node in (cluster.a, cluster.b):
        here = cluster.at(node, site)
        async with asyncio.timeout(PROMISED_S):
            while True:
                async with cluster.http.get(
                    f"{node.base}/v1/conversations/{conversation}/messages", headers=here.headers
                ) as answer:
                    if answer.status == 200:
                        thread = (await answer.json())["data"]
                        break
                await asyncio.sleep(0.1)
        assert [message["text"] for message in thread] == [QUESTION]
