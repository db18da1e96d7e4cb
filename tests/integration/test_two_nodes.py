"""What is said at one node is heard at the other: the same, in the same order, at the same time."""

from __future__ import annotations

import asyncio
import json
from time import monotonic

import pytest
from tests.conformance.client import SocketObserver, View, observing
from tests.integration.cluster import LONG, SLOW, Cluster, finals, joined, names, streamed
from tests.support.waiting import until

pytestmark = [pytest.mark.pg, pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("cluster")]

QUESTION = "如何退货?"


class Growing(View):
    """Remembers how much of an answer it has shown: on a busy machine several pieces and the end come as one."""

    before_its_end = 0
    """Characters."""

    def on_stream_delta(self, frame: dict[str, int]) -> None:
        super().on_stream_delta(frame)
        if 2 not in self.messages:
            self.before_its_end = max(self.before_its_end, len(streamed(self)))


@pytest.mark.parametrize("transport", ["websocket", "events", "poll"])
async def test_a_second_device_at_the_other_node_sees_the_answer_grow(cluster: Cluster, transport: str) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    agent = await cluster.agent(cluster.b)
    async with (
        observing("websocket", site, conversation) as phone,
        observing(transport, cluster.at(cluster.b, site), conversation, Growing()) as laptop,
        observing("websocket", agent, conversation, Growing()) as console,
    ):
        await joined(phone, console)
        await phone.send("one", QUESTION)
        for observer in (laptop, console):
            await observer.until(lambda view: isinstance(view, Growing) and view.before_its_end > 20)
        for observer in (phone, laptop, console):
            await observer.until(lambda view: "answered" in view.turns.values())
            assert observer.view.violations == []
            assert observer.view.order == phone.view.order
            assert list(observer.view.finished.values()) == [observer.view.messages[2]["text"]]


async def test_pieces_reach_the_other_node_within_a_blink(cluster: Cluster) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    at: dict[str, dict[int, float]] = {"here": {}, "there": {}}

    class Clocked(View):
        def __init__(self, where: str) -> None:
            super().__init__()
            self.where = where

        def on_stream_delta(self, frame: dict[str, int]) -> None:
            at[self.where].setdefault(frame["i"], monotonic())
            super().on_stream_delta(frame)

    async with (
        observing("websocket", site, conversation, Clocked("here")) as here,
        observing("websocket", cluster.at(cluster.b, site), conversation, Clocked("there")) as there,
    ):
        await joined(here, there)
        await here.send("one", QUESTION)
        await there.until(lambda view: bool(view.turns))
    lags = sorted(at["there"][i] - at["here"][i] for i in at["here"])
    assert at["there"].keys() == at["here"].keys()
    assert lags[len(lags) // 2] < 0.1
    assert lags[-1] < 1.0


async def test_an_answer_is_stopped_from_the_other_node_too(cluster: Cluster) -> None:
    cluster.upstream.faults.append(LONG)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    async with (
        observing("websocket", site, conversation) as phone,
        observing("websocket", cluster.at(cluster.b, site), conversation) as laptop,
    ):
        await joined(phone, laptop)
        await phone.send("one", QUESTION)
        await laptop.until(lambda view: len(streamed(view)) > 20)
        turn = next(frame["turn"] for frame in laptop.view.frames if frame["t"] == "stream.open")
        assert isinstance(laptop, SocketObserver)
        await laptop.say({"t": "cancel", "turn": turn})
        for observer in (phone, laptop):
            await observer.until(lambda view: bool(view.turns))
            ends = [frame for frame in observer.view.frames if frame["t"] == "turn.end"]
            assert [(end["state"], end["reason"]) for end in ends] == [("answered", "cancelled")]
            assert list(observer.view.finished.values()) == [observer.view.messages[2]["text"]]
            assert observer.view.violations == []


@pytest.mark.parametrize("transport", ["websocket", "events"])
async def test_a_stream_goes_on_at_the_other_node_where_it_was_left(cluster: Cluster, transport: str) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    view = View()
    async with observing("websocket", site, conversation, view) as observer:
        await observer.send("one", QUESTION)
        await observer.until(lambda view: len(streamed(view)) > 20)
    left_with = streamed(view)
    async with observing(transport, cluster.at(cluster.b, site), conversation, view) as observer:
        await observer.until(lambda view: len(streamed(view)) > len(left_with))
        assert streamed(view).startswith(left_with)
        assert 2 not in view.messages
        await observer.until(lambda view: "answered" in view.turns.values())
    assert names(view).count("stream.open") == 1
    assert view.resets == 0
    assert view.violations == []
    assert list(view.finished.values()) == [view.messages[2]["text"]]


async def test_who_comes_to_the_other_node_in_mid_stream_sees_it_from_its_beginning(cluster: Cluster) -> None:
    cluster.upstream.faults.append(SLOW)
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    async with observing("websocket", site, conversation) as early:
        await early.send("one", QUESTION)
        await early.until(lambda view: len(streamed(view)) > 20)
        async with observing("websocket", cluster.at(cluster.b, site), conversation) as late:
            await late.until(lambda view: len(streamed(view)) > 20)
            assert streamed(late.view)[:20] == streamed(early.view)[:20]
            await late.until(lambda view: "answered" in view.turns.values())
            assert late.view.violations == []
            assert list(late.view.finished.values()) == [late.view.messages[2]["text"]]


async def test_a_take_over_at_the_other_node_silences_the_assistant_everywhere(cluster: Cluster) -> None:
    cluster.upstream.faults.append(LONG)
    aborted = cluster.upstream.aborted
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    agent = await cluster.agent(cluster.b)
    async with (
        observing("websocket", site, conversation) as here,
        observing("websocket", cluster.at(cluster.b, site), conversation) as there,
        observing("events", agent, conversation) as console,
    ):
        await joined(here, there)
        await here.send("one", QUESTION)
        await there.until(lambda view: len(streamed(view)) > 20)
        await cluster.take_over(agent, conversation)
        await until(lambda: cluster.upstream.aborted > aborted, 5.0)
        await agent.post(conversation, "mine", "我来为您处理")
        for observer in (here, there, console):
            await observer.until(lambda view: view.seq >= 3 and bool(view.turns))
        await asyncio.sleep(0.3)
        for observer in (here, there, console):
            view = observer.view
            taken = next(n for n, f in enumerate(view.frames) if "taken_over" in json.dumps(f))
            assert not {"stream.open", "stream.delta"} & set(names(view)[taken:])
            assert list(view.turns.values()) == ["superseded"]
            assert view.violations == []
            assert view.order == here.view.order
    assert finals(await site.read(conversation)) == []


async def test_a_take_over_reaches_a_turn_that_nobody_watches(cluster: Cluster) -> None:
    cluster.upstream.faults.append(LONG)
    requests, aborted = cluster.upstream.requests, cluster.upstream.aborted
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    agent = await cluster.agent(cluster.b)
    await site.post(conversation, "one", QUESTION)
    await until(lambda: cluster.upstream.requests > requests)
    await asyncio.sleep(0.3)
    await cluster.take_over(agent, conversation)
    await until(lambda: cluster.upstream.aborted > aborted, 5.0)
    assert finals(await site.read(conversation)) == []


async def test_what_one_node_acked_any_node_shows(cluster: Cluster) -> None:
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    sites = [cluster.at(cluster.a, site), cluster.at(cluster.b, site)]
    agent = await cluster.agent(cluster.a)
    await cluster.take_over(agent, conversation)
    view = View()
    async with observing("websocket", sites[1], conversation) as keeper:
        for n in range(20):
            ack = await sites[n % 2].post(conversation, f"m{n}", f"第 {n} 句")
            thread = await sites[(n + 1) % 2].read(conversation)
            assert thread[-1]["seq"] >= ack["seq"]
            if n % 5 == 0:
                async with observing("websocket", sites[1], conversation, view) as back:
                    await back.until(lambda view, n=n: len(view.recovered) > n // 5)  # type: ignore[misc]
                    resumed = [frame for frame in view.frames if frame["t"] == "resumed"][-1]
                    assert resumed.get("to", view.seq) >= ack["seq"]
                    await back.until(lambda view, seq=ack["seq"]: view.seq >= seq)  # type: ignore[misc]
        await keeper.until(lambda view: view.seq >= ack["seq"], 2.0)
        assert keeper.view.violations == view.violations == []


async def test_the_other_tenant_hears_nothing_over_redis(cluster: Cluster) -> None:
    canary = "canary-7f3a"
    site = await cluster.visitor(cluster.a)
    conversation = await site.begin()
    theirs = await cluster.visitor(cluster.b, 1)
    their_conversation = await theirs.begin()
    stranger, colleague = await cluster.agent(cluster.b, 1), await cluster.agent(cluster.b)
    async with (
        observing("websocket", stranger, their_conversation) as spy,
        observing("websocket", colleague, conversation) as console,
    ):
        for observer in (spy, console):
            assert isinstance(observer, SocketObserver)
            await observer.say({"t": "feed", "on": True})
            await observer.say({"t": "watch", "conv": conversation})
        await spy.until(lambda view: "error" in names(view))
        await site.post(conversation, "one", f"{QUESTION} {canary}")
        await console.until(lambda view: {"msg", "stream.delta", "turn.end", "conv"} <= set(names(view)))
        await theirs.post(their_conversation, "two", QUESTION)
        await spy.until(lambda view: bool(view.turns))
        assert canary in json.dumps(console.view.frames)
        heard = json.dumps([frame for frame in spy.view.frames if frame["t"] != "error"])
        assert canary not in heard
        assert conversation not in heard
