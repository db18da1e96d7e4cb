"""Redis only wakes up: killed, empty or never there, it costs time and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import monotonic

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from tests.conformance.client import SocketObserver, observing
from tests.integration.cluster import SLOW, Cluster, TimedView, finals, joined, streamed

pytestmark = [
    pytest.mark.pg,
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("cluster"),
]

QUESTION = "如何退货?"
VISITORS = 20
BEFORE, AWAY, AFTER = 2, 9, 8
"""Seconds, and messages of each visitor."""


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def with_redis_again(cluster: Cluster) -> AsyncIterator[None]:
    yield
    cluster.restart_redis()
    await cluster.connected()


@dataclass
class Pair:
    """A visitor at one node, and their second device at the other."""

    speaker: SocketObserver
    watcher: SocketObserver
    sent_at: dict[str, float] = field(default_factory=dict)
    nacks: list[dict[str, object]] = field(default_factory=list)

    async def talk(self, name: str) -> None:
        """A message a second."""
        for n in range(BEFORE + AWAY + AFTER):
            began = monotonic()
            text = f"{name} 的第 {n} 句"
            self.sent_at[text] = began
            answer = await self.speaker.send(f"{name}-{n}", text)
            if answer["t"] != "ack":
                self.nacks.append(answer)
            await asyncio.sleep(max(0.0, began + 1 - monotonic()))

    @property
    def waits(self) -> dict[float, float]:
        """When each message was sent, and how long it took to the other node."""
        view = self.watcher.view
        assert isinstance(view, TimedView)
        return {at: view.shown_at[text] - at for text, at in self.sent_at.items()}


async def meet(cluster: Cluster, stack: AsyncExitStack, number: int) -> Pair:
    here, there = (cluster.a, cluster.b) if number % 2 else (cluster.b, cluster.a)
    site = await cluster.visitor(here)
    conversation = await site.begin()
    speaker = await stack.enter_async_context(observing("websocket", site, conversation))
    watcher = await stack.enter_async_context(
        observing("websocket", cluster.at(there, site), conversation, TimedView())
    )
    assert isinstance(speaker, SocketObserver)
    assert isinstance(watcher, SocketObserver)
    await joined(speaker, watcher)
    return Pair(speaker, watcher)


async def test_killed_under_load_it_delays_the_other_node_and_loses_nothing(cluster: Cluster) -> None:
    async with AsyncExitStack() as stack:
        pairs = [await meet(cluster, stack, number) for number in range(VISITORS)]
        async with asyncio.TaskGroup() as talking:
            for number, pair in enumerate(pairs):
                talking.create_task(pair.talk(f"v{number}"))
            await asyncio.sleep(BEFORE)
            cluster.redis.kill()
            killed_at = monotonic()
            await asyncio.sleep(AWAY)
            cluster.redis.start()
            back_at = monotonic()
            assert await cluster.connected() < 5
        for pair in pairs:
            thread = await pair.speaker.site.read(pair.speaker.conversation)
            for observer in (pair.speaker, pair.watcher):
                await observer.until(lambda view, top=thread[-1]["seq"]: view.seq >= top)  # type: ignore[misc]
    waits = {at: wait for pair in pairs for at, wait in pair.waits.items()}
    during = [wait for at, wait in waits.items() if killed_at <= at < back_at]
    after = [wait for at, wait in waits.items() if at >= back_at + 5]
    assert [pair.nacks for pair in pairs if pair.nacks] == []
    assert max(during) < 12
    assert max(after) < 2
    assert max(wait for at, wait in waits.items() if at < killed_at - 1) < 2
    for pair in pairs:
        assert pair.speaker.view.violations == pair.watcher.view.violations == []
        order = pair.speaker.view.order
        assert order == pair.watcher.view.order[: len(order)]
        assert sorted(set(pair.sent_at)) == sorted(
            m["text"] for m in pair.watcher.view.messages.values() if m["sender"]["kind"] == "visitor"
        )
    print(json.dumps({"during_max_s": max(during), "after_max_s": max(after), "messages": len(waits)}))  # noqa: T201


async def test_a_node_that_starts_without_it_serves(cluster: Cluster) -> None:
    cluster.redis.kill()
    await cluster.b.end()
    await cluster.b.start()
    async with cluster.http.get(f"{cluster.b.base}/readyz") as answer:
        assert answer.status == 200
    site = await cluster.visitor(cluster.b)
    conversation = await site.begin()
    async with observing("websocket", site, conversation) as observer:
        for n in range(2):
            ack = await observer.send(f"one{n}", QUESTION)
            assert ack["t"] == "ack"
            await observer.until(lambda view, n=n: len(view.turns) == n + 1)  # type: ignore[misc]
        assert set(observer.view.turns.values()) == {"answered"}
        assert observer.view.violations == []
    assert len(finals(await cluster.at(cluster.a, site).read(conversation))) == 2
    cluster.redis.start()
    assert await cluster.connected() < 5


async def test_emptied_in_mid_stream_it_does_no_harm(cluster: Cluster) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    redis = Redis.from_url(cluster.redis.url)
    async with (
        observing("websocket", site, conversation) as here,
        observing("websocket", cluster.at(cluster.b, site), conversation) as there,
    ):
        await joined(here, there)
        await here.send("one", QUESTION)
        await there.until(lambda view: len(streamed(view)) > 20)
        await redis.flushall()
        async with observing("websocket", cluster.at(cluster.b, site), conversation) as late:
            for observer in (here, there, late):
                await observer.until(lambda view: "answered" in view.turns.values())
                assert observer.view.violations == []
                assert observer.view.order == here.view.order
    await redis.aclose()


async def test_pieces_lost_in_mid_stream_are_not_joined_over_the_gap(cluster: Cluster) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    async with (
        observing("websocket", site, conversation) as here,
        observing("websocket", cluster.at(cluster.b, site), conversation) as there,
    ):
        await joined(here, there)
        await here.send("one", QUESTION)
        await there.until(lambda view: len(streamed(view)) > 20)
        cluster.restart_redis()
        await there.until(lambda view: any(message.get("final") for message in view.messages.values()))
        assert there.view.violations == here.view.violations == []
        assert there.view.messages[2]["text"].startswith(streamed(there.view))
