"""Reading: everything once, in one order, from any position, over every interruption (P4, P5, P6, P7)."""

from __future__ import annotations

import signal
from contextlib import AsyncExitStack

import pytest
from tests.conformance.client import OBSERVERS, View, observing
from tests.conformance.conftest import Visitor
from tests.conformance.house import Process
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTION = "如何退货?"


async def test_an_answer_streams_and_its_hash_fits(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as observer:
        ack = await observer.send("s1", QUESTION)
        await observer.until(lambda view: bool(view.turns) and bool(view.finished))
        final = observer.view.messages[observer.view.seq]
        assert final["final"]
        assert observer.view.finished[final["id"]] == final["text"]
        assert list(observer.view.turns.values()) == ["answered"]
        assert observer.view.violations == []
        assert ack["seq"] == 1


async def test_one_turn_has_one_answer(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as observer:
        for n in range(3):
            await observer.send(f"t{n}", QUESTION)
            await observer.until(lambda view, n=n: len(view.turns) == n + 1)  # type: ignore[misc]
    finals = [one["turn"] for one in await site.read(conversation) if one.get("final")]
    assert len(finals) == len(set(finals)) == 3


async def test_who_comes_back_gets_what_was_missed(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    view = View()
    async with observing(transport, site, conversation, view) as observer:
        await observer.send("r1", QUESTION)
        await observer.until(lambda view: len(view.turns) == 1)
    for n in range(3):
        await site.post(conversation, f"away{n}", f"离开时 {n}")
    async with observing(transport, site, conversation, view) as observer:
        await observer.until(lambda view: sum("离开时" in one["text"] for one in view.messages.values()) == 3)
        assert view.recovered[-1] is True
        assert view.violations == []


async def test_a_stream_goes_on_where_it_was_left(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    view = View()
    async with observing(transport, site, conversation, view) as observer:
        await observer.send("mid", QUESTION)
        await observer.until(lambda view: any(stream.i >= 1 for stream in view.streams.values()) or bool(view.turns))
    async with observing(transport, site, conversation, view) as observer:
        await observer.until(lambda view: view.seq == 2)
        await observer.until(lambda view: not view.open)
        assert view.violations == []


@pytest.mark.parametrize(
    ("epoch", "seq"),
    [("", 0), ("another", 0), ("another", 1), ("same", 999), ("same", 2**53)],
    ids=["none", "old epoch", "old epoch, known seq", "ahead", "absurd"],
)
async def test_an_impossible_position_begins_anew(
    server: Process, visitor: Visitor, transport: str, epoch: str, seq: int
) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    first = await site.post(conversation, "x", "你好")
    known = View()
    async with observing(transport, site, conversation, known) as observer:
        await observer.until(lambda view: view.seq >= 1)
    view = View(epoch=known.epoch if epoch == "same" else epoch, seq=seq)
    async with observing(transport, site, conversation, view) as observer:
        await observer.until(lambda view: bool(view.recovered))
        assert view.recovered[0] is False
        await observer.until(lambda view: first["seq"] in view.messages)
        assert view.messages[first["seq"]]["id"] == first["msg"]


async def test_history_goes_on_after_a_restart(own_server: Process, visitor: Visitor) -> None:
    site = await visitor(own_server)
    views = {transport: View() for transport in OBSERVERS}
    conversations = {transport: await site.begin() for transport in OBSERVERS}
    for transport, view in views.items():
        async with observing(transport, site, conversations[transport], view) as observer:
            await observer.send("before", QUESTION)
            await observer.until(lambda view: len(view.turns) == 1)
    await own_server.end(signal.SIGKILL)
    await own_server.start()
    for transport, view in views.items():
        async with observing(transport, site, conversations[transport], view) as observer:
            await observer.send("after", "还在吗?")
            await observer.until(lambda view: len(view.turns) == 2)
        assert (transport, view.recovered[-1], view.violations) == (transport, True, [])
        assert (transport, [seq for seq, _ in view.order]) == (transport, [1, 2, 3, 4])


async def test_a_turn_that_was_killed_still_ends(own_server: Process, visitor: Visitor) -> None:
    site = await visitor(own_server)
    views = {transport: View() for transport in OBSERVERS}
    conversations = {transport: await site.begin() for transport in OBSERVERS}
    async with AsyncExitStack() as watching:
        for transport, view in views.items():
            observer = await watching.enter_async_context(observing(transport, site, conversations[transport], view))
            await observer.until(lambda view: bool(view.recovered))
        for transport in OBSERVERS:
            await site.post(conversations[transport], "cut", QUESTION)
        await until(lambda: any(view.streams or view.turns for view in views.values()))
        await own_server.end(signal.SIGKILL)
    await own_server.start()
    for transport, view in views.items():
        again = await site.post(conversations[transport], "cut", QUESTION)
        assert (again["t"], again["seq"], again["dup"]) == ("ack", 1, True)
        async with observing(transport, site, conversations[transport], view) as observer:
            await observer.until(lambda view: view.seq == 2, 30)
            await observer.until(lambda view: not view.open)
        assert (transport, view.violations) == (transport, [])
        finals = [one for one in await site.read(conversations[transport]) if one.get("final")]
        assert (transport, len(finals)) == (transport, 1)


async def test_changing_the_transport_mid_stream_loses_nothing(server: Process, visitor: Visitor) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    view = View()
    async with observing("websocket", site, conversation, view) as observer:
        await observer.send("change", QUESTION)
        await observer.until(lambda view: bool(view.streams) or bool(view.turns))
    for transport in ("events", "poll", "websocket"):
        async with observing(transport, site, conversation, view) as observer:
            await observer.until(lambda view: bool(view.recovered))
    async with observing("websocket", site, conversation, view) as observer:
        await observer.until(lambda view: view.seq == 2)
        assert view.violations == []
