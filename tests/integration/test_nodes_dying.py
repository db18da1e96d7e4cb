"""A node may die, or sleep and come back: the other answers in its place, once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from time import monotonic

import pytest
import pytest_asyncio
from tests.conformance.client import View, observing
from tests.integration.cluster import LEASE_S, SLOW, Cluster, finals, joined, streamed
from tests.support.waiting import until

pytestmark = [
    pytest.mark.pg,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("cluster"),
]

QUESTION = "如何退货?"


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def with_both_nodes_again(cluster: Cluster) -> AsyncIterator[None]:
    yield
    process = cluster.a.process
    assert process is not None
    if process.returncode is not None:
        await cluster.a.end()
        await cluster.a.start()
        await cluster.connected()


async def test_a_killed_nodes_turn_is_answered_by_the_other(cluster: Cluster) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    view = View()
    async with observing("websocket", cluster.at(cluster.b, site), conversation) as there:
        await joined(there)
        async with observing("websocket", site, conversation, view) as here:
            await here.send("one", QUESTION)
            await here.until(lambda view: len(streamed(view)) > 20)
            await there.until(lambda view: len(streamed(view)) > 20)
            await cluster.a.end(signal.SIGKILL)
            killed_at = monotonic()
        async with observing("websocket", cluster.at(cluster.b, site), conversation, view) as back:
            for observer in (there, back):
                await observer.until(lambda view: "answered" in view.turns.values())
                assert observer.view.violations == []
                assert observer.view.resets >= 1
                assert list(observer.view.finished.values()) == [observer.view.messages[2]["text"]]
    assert monotonic() - killed_at < LEASE_S * 2 + 3
    attempts = [frame["attempt"] for frame in there.view.frames if frame["t"] == "stream.delta"]
    assert attempts == sorted(attempts)
    assert attempts[-1] > attempts[0]
    assert len(finals(await cluster.at(cluster.b, site).read(conversation))) == 1


async def test_a_node_that_wakes_after_its_lease_has_nothing_more_to_say(cluster: Cluster) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    process = cluster.a.process
    assert process is not None
    async with (
        observing("websocket", site, conversation) as here,
        observing("websocket", cluster.at(cluster.b, site), conversation) as there,
    ):
        await joined(here, there)
        await here.send("one", QUESTION)
        await there.until(lambda view: len(streamed(view)) > 20)
        process.send_signal(signal.SIGSTOP)
        try:
            await there.until(lambda view: "answered" in view.turns.values(), LEASE_S * 2 + 5)
            answered = len(there.view.frames)
        finally:
            process.send_signal(signal.SIGCONT)
        await here.until(lambda view: "answered" in view.turns.values())
        await until(lambda: any("turn.fenced" in line for line in cluster.a.output), 10)
        await asyncio.sleep(0.3)
        assert [frame["t"] for frame in there.view.frames[answered:] if frame["t"] != "conv"] == []
        for observer in (here, there):
            assert observer.view.violations == []
            assert list(observer.view.turns.values()) == ["answered"]
            assert observer.view.order == there.view.order
    assert len(finals(await site.read(conversation))) == 1
