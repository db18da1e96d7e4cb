"""Sending: durable, once, in order, refused before it is accepted (P1, P2, P3, P10, P11)."""

from __future__ import annotations

import asyncio

import pytest
from tests.conformance.client import SocketObserver, observing
from tests.conformance.conftest import Visitor
from tests.conformance.house import Process

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_message_is_acked_and_can_be_read_at_once(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as observer:
        ack = await observer.send("m1", "如何退货?")
        assert ack["t"] == "ack"
        read = await site.read(conversation)
        assert (read[0]["seq"], read[0]["id"], read[0]["cmid"]) == (ack["seq"], ack["msg"], "m1")


async def test_the_same_send_again_gives_the_first_ack(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as observer:
        first = await observer.send("same", "你好")
        again = await observer.send("same", "你好")
        assert (again["t"], again["msg"], again["seq"], again["dup"]) == ("ack", first["msg"], first["seq"], True)
        assert [
            one["text"] for one in await site.read(conversation) if one["cmid" if "cmid" in one else "id"] == "same"
        ]


async def test_the_same_id_with_other_words_is_a_conflict(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as observer:
        await observer.send("once", "你好")
        refused = await observer.send("once", "再见")
        assert (refused["t"], refused["code"]) == ("nack", "cmid_conflict")
        assert "再见" not in [one["text"] for one in await site.read(conversation)]


async def test_fifty_at_once_with_one_id_are_one_message(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as observer:
        if isinstance(observer, SocketObserver):
            acks = list(await asyncio.gather(*(site.post(conversation, "fifty", "一次") for _ in range(49))))
            acks.append(await observer.send("fifty", "一次"))
        else:
            acks = list(await asyncio.gather(*(observer.send("fifty", "一次") for _ in range(50))))
        assert {ack["t"] for ack in acks} == {"ack"}
        assert len({(ack["msg"], ack["seq"]) for ack in acks}) == 1
        assert sum(not ack["dup"] for ack in acks) <= 1
        assert [one["text"] for one in await site.read(conversation)].count("一次") == 1


async def test_frames_of_one_socket_are_stored_in_the_order_they_were_sent(server: Process, visitor: Visitor) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing("websocket", site, conversation) as observer:
        acks = await asyncio.gather(*(observer.send(f"o{n}", f"第 {n} 句") for n in range(8)))
        assert [ack["t"] for ack in acks] == ["ack"] * 8
        assert [ack["seq"] for ack in acks] == sorted(ack["seq"] for ack in acks)


async def test_an_ack_before_a_send_is_an_order(server: Process, visitor: Visitor, transport: str) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as observer:
        seqs = [(await observer.send(f"a{n}", f"{n}"))["seq"] for n in range(5)]
        assert seqs == sorted(set(seqs))


async def test_positions_count_without_a_gap_for_every_observer(
    server: Process, visitor: Visitor, transport: str
) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing(transport, site, conversation) as one, observing("websocket", site, conversation) as other:
        await asyncio.gather(*(site.post(conversation, f"p{n}", f"并行 {n}") for n in range(6)))
        await one.until(lambda view: len(view.turns) == 6)
        await other.until(lambda view: len(view.turns) == 6)
        stored = await site.read(conversation)
        assert [message["seq"] for message in stored] == list(range(1, len(stored) + 1))
        assert one.view.order == other.view.order == [(message["seq"], message["id"]) for message in stored]
        assert one.view.violations + other.view.violations == []


async def test_too_many_waiting_turns_are_refused_before_they_are_stored(server: Process, visitor: Visitor) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    answers = await asyncio.gather(*(site.post(conversation, f"q{n}", f"问 {n}") for n in range(60)))
    acked = [answer for answer in answers if answer["t"] == "ack"]
    refused = [answer for answer in answers if answer["t"] == "nack"]
    assert {(answer["code"], answer["status"]) for answer in refused} <= {("overloaded", 503)}
    assert acked
    stored = [one["id"] for one in await site.read(conversation) if one["sender"]["kind"] == "visitor"]
    assert sorted(stored) == sorted(answer["msg"] for answer in acked)
