"""The WebSocket door: who comes in, what closes it and with which code, who is still there."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import msgspec
import pytest
from tests.doors.building import Building
from tests.support.waiting import until

from miaohui.channels import bounds
from miaohui.identity.types import Principal
from miaohui.kit.clock import SystemClock
from miaohui.testing.clock import FakeClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOP, STRANGER = "https://shop.example", "https://elsewhere.example"


def clock_now() -> FakeClock:
    return FakeClock(SystemClock().now_ms())


# Coming in


async def test_a_welcome_says_what_to_keep_to(building: Building) -> None:
    token, conversation = await building.visitor()
    async with building.socket() as socket:
        welcome = await socket.greet(token)
        assert (welcome["hb"], welcome["limits"]["msg"], welcome["conv"]) == (25, 16_384, conversation.id)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4501),
        ("[1, 2]", 4501),
        ('{"t":"no-such-frame"}', 4501),
        ('{"t":"hello","v":1,"token":"x","tenant_id":"theirs"}', 4501),
        ('{"t":"hello","v":2,"token":"x"}', 4501),
        ('{"t":"hello","v":1,"token":""}', 4501),
        ('{"t":"hello","v":1,"token":"x","resume":[{"conv":"c","seq":-1}]}', 4501),
        ('{"t":"hello","v":1,"token":"x","resume":[{"conv":"c","seq":9223372036854775808}]}', 4501),
        ('{"t":"hb"}', 4502),
        ('{"t":"send","cmid":"c","body":{"text":"x"}}', 4502),
        ('{"t":"hello","v":1,"token":"nobody"}', 4500),
    ],
)
async def test_a_first_frame_that_is_none_is_told_apart(building: Building, frame: str, code: int) -> None:
    async with building.socket() as socket:
        socket.say_text(frame)
        assert await socket.closed() == code
        assert socket.frames == []


async def test_who_says_nothing_in_time_is_sent_away(building: Building) -> None:
    async with building.again(hello_seconds=0.05).socket() as socket:
        assert await socket.closed() == 4502


async def test_who_says_hello_in_time_stays(building: Building) -> None:
    token, _ = await building.visitor()
    async with building.again(hello_seconds=0.3).socket() as socket:
        await socket.greet(token)
        await asyncio.sleep(0.4)
        assert socket.code is None


@pytest.mark.parametrize("later", ["binary", "large", "field", "value"])
async def test_a_later_frame_that_is_none_closes_too(building: Building, later: str) -> None:
    token, conversation = await building.visitor()
    async with building.again(frame_bytes=2_000).socket() as socket:
        await socket.greet(token)
        match later:
            case "binary":
                socket.say_bytes(b'{"t":"hb"}')
            case "large":
                socket.say_text('{"t":"hb"' + " " * 2_000 + "}")
            case "field":
                socket.say(t="watch", conv=conversation.id, tenant_id="theirs")
            case _:
                socket.say(t="seen", conv=conversation.id, seq="1")
        assert await socket.closed() == 4501


# Where a page may come from


async def inbox_of_the_shop(building: Building) -> Any:
    inbox = await building.house.inboxes.create(building.ours.tenant.id, "shop")
    return await building.house.inboxes.change(msgspec.structs.replace(inbox, allowed_origins=(SHOP,)))


@pytest.mark.parametrize(
    ("origin", "code"), [(SHOP, None), (STRANGER, 4507), ("null", 4507), (SHOP + ".evil.example", 4507), ("", None)]
)
async def test_a_visitor_comes_from_the_pages_of_the_inbox_only(
    building: Building, origin: str, code: int | None
) -> None:
    token, _ = await building.visitor(await inbox_of_the_shop(building))
    async with building.socket(**({"origin": origin} if origin else {})) as socket:
        if code is None:
            await socket.greet(token)
        else:
            socket.say(t="hello", v=1, token=token)
            assert await socket.closed() == code


async def test_a_visitor_of_an_inbox_without_a_list_comes_from_anywhere(building: Building) -> None:
    token, _ = await building.visitor()
    async with building.socket(origin=STRANGER) as socket:
        assert (await socket.greet(token))["t"] == "welcome"


@pytest.mark.parametrize(("origin", "code"), [("http://testserver", None), (STRANGER, 4507), ("", None)])
async def test_an_agent_comes_from_our_own_pages_only(building: Building, origin: str, code: int | None) -> None:
    async with building.socket(**({"origin": origin} if origin else {})) as socket:
        if code is None:
            await socket.greet(building.ours.agent)
        else:
            socket.say(t="hello", v=1, token=building.ours.agent)
            assert await socket.closed() == code


# How many


async def test_one_connection_too_many_is_refused_and_a_free_place_is_taken(building: Building) -> None:
    few = building.again(connections=2)
    token, _ = await building.visitor()
    async with few.socket() as first, few.socket() as second:
        await first.greet(token)
        await second.greet(token)
        async with few.socket() as third:
            assert await third.closed() == 4504
        await second.leave()
        async with few.socket() as fourth:
            await fourth.greet(token)


async def test_one_person_has_so_many_connections_and_another_is_not_touched(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "CONNECTIONS_PER_PRINCIPAL", 2)
    doors = building.again()
    (greedy, _), (modest, _) = await building.visitor(), await building.visitor()
    async with doors.socket() as one, doors.socket() as two, doors.socket() as three, doors.socket() as other:
        await one.greet(greedy)
        await two.greet(greedy)
        three.say(t="hello", v=1, token=greedy)
        assert await three.closed() == 4504
        await other.greet(modest)
        await one.leave()
        async with doors.socket() as again:
            await again.greet(greedy)


# Heartbeats


async def test_a_heartbeat_goes_out_only_where_it_was_quiet(building: Building) -> None:
    clock = clock_now()
    doors = building.again(clock=clock)
    token, conversation = await building.visitor()
    async with doors.socket() as socket:
        await socket.greet(token)
        clock.advance(24)
        doors.app.state.sockets.sweep()
        await asyncio.sleep(0.01)
        assert [frame["t"] for frame in socket.frames] == ["welcome"]
        socket.say(t="watch", conv=conversation.id)
        await socket.next("resumed")
        clock.advance(24)
        doors.app.state.sockets.sweep()
        await asyncio.sleep(0.01)
        assert "hb" not in [frame["t"] for frame in socket.frames]
        clock.advance(2)
        doors.app.state.sockets.sweep()
        await socket.next("hb")


async def test_who_does_not_answer_a_heartbeat_is_gone_and_who_does_stays(building: Building) -> None:
    clock = clock_now()
    doors = building.again(clock=clock)
    (dead, _), (alive, _) = await building.visitor(), await building.visitor()
    async with doors.socket() as silent, doors.socket() as lively:
        await silent.greet(dead)
        await lively.greet(alive)
        clock.advance(26)
        doors.app.state.sockets.sweep()
        await silent.next("hb")
        await lively.next("hb")
        lively.say(t="hb")
        await asyncio.sleep(0.01)
        clock.advance(bounds.PONG_SECONDS - 0.5)
        doors.app.state.sockets.sweep()
        assert (silent.code, lively.code) == (None, None)
        clock.advance(1)
        doors.app.state.sockets.sweep()
        assert await silent.closed() == 4012
        assert lively.code is None


# Losing the right


async def test_a_token_that_runs_out_closes_the_socket(building: Building) -> None:
    clock = clock_now()
    doors = building.again(clock=clock)
    token, _ = await building.visitor()
    async with doors.socket() as socket:
        await socket.greet(token)
        clock.advance(29 * 24 * 3600)
        doors.app.state.sockets.sweep()
        await asyncio.sleep(0.01)
        assert socket.code is None
        clock.advance(2 * 24 * 3600)
        doors.app.state.sockets.sweep()
        assert await socket.closed() == 4500


async def test_a_key_revoked_in_mid_session_closes_its_socket_and_no_other(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miaohui.channels.web.sockets._SWEEP_SECONDS", 0.05)
    monkeypatch.setattr("miaohui.channels.web.sockets._VERIFY_SECONDS", 0.05)
    house, ours = building.house, building.ours
    made, plain = await house.identity.create_key(ours.tenant.id, "short-lived", ["conversations:read"])
    doors = building.again()
    async with doors.socket() as theirs, doors.socket() as other:
        await theirs.greet(plain)
        await other.greet(ours.key)
        await house.identity.revoke_key(ours.tenant.id, made.id)
        assert await theirs.closed() == 4507
        await asyncio.sleep(0.15)
        assert other.code is None
    await doors.app.state.sockets.close()


async def test_a_fresh_token_of_the_same_visitor_goes_on_and_anothers_does_not(building: Building) -> None:
    (token, _), (another, _) = await building.visitor(), await building.visitor()
    async with building.socket() as socket:
        await socket.greet(token)
        await socket.greet(token)
        socket.say(t="hello", v=1, token=another)
        assert await socket.closed() == 4500


# Too much


async def test_a_flood_of_frames_is_cut_and_a_steady_flow_is_not(building: Building) -> None:
    clock = clock_now()
    doors = building.again(clock=clock)
    token, _ = await building.visitor()
    async with doors.socket() as socket:
        await socket.greet(token)
        for _ in range(600):
            clock.advance(1 / bounds.FRAMES_PER_SECOND)
            socket.say(t="hb")
            await asyncio.sleep(0)
        await asyncio.sleep(0.02)
        assert socket.code is None
        for _ in range(int(bounds.FRAME_BURST) + 2):
            socket.say(t="hb")
        assert await socket.closed() == 4013


async def test_answers_to_heartbeats_that_nobody_asked_for_are_a_flood_too(building: Building) -> None:
    doors = building.again(clock=clock_now())
    token, _ = await building.visitor()
    async with doors.socket() as socket:
        await socket.greet(token)
        beat = socket.wire.on_beat
        assert beat is not None
        for _ in range(int(bounds.FRAME_BURST) - 2):
            beat()
        await asyncio.sleep(0.02)
        assert socket.code is None
        for _ in range(4):
            beat()
        assert await socket.closed() == 4013


async def test_a_slow_reader_is_cut_with_the_code_that_says_come_back(building: Building) -> None:
    doors = building.again(queue_frames=8)
    token, conversation = await building.visitor()
    visitor = Principal(
        tenant_id=conversation.tenant_id, kind="visitor", id=conversation.contact_id, inbox_id=conversation.inbox_id
    )
    async with doors.socket() as slow, doors.socket() as quick:
        for socket in (slow, quick):
            await socket.greet(token, resume=[{"conv": conversation.id}])
            await socket.next("resumed")
        slow.reading.clear()
        agent = Principal(tenant_id=visitor.tenant_id, kind="agent", id=building.ours.person.id, role="owner")
        for n in range(12):
            current = await building.house.conversations.access(agent, conversation.id)
            await building.house.conversations.say(current, agent, f"{n}", f"slow{n}")
            await asyncio.sleep(0.01)
        slow.reading.set()
        assert await slow.closed() == 4008
        await until(lambda: [f["msg"]["text"] for f in quick.frames if f["t"] == "msg"][-1] == "11")
        assert quick.code is None


async def test_a_peer_that_does_not_even_read_the_close_is_dropped(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miaohui.channels.web.websocket._CLOSE_SECONDS", 0.05)
    token, _ = await building.visitor()
    async with building.again().socket() as socket:
        await socket.greet(token)
        socket.reading.clear()
        socket.say_text("not a frame")
        await until(lambda: socket.dropped)
        assert socket.frames[-1]["t"] == "welcome"


# Sending


async def test_acks_come_in_the_order_of_the_sends_and_a_refusal_stands_in_its_place(building: Building) -> None:
    token, conversation = await building.visitor()
    _, foreign = await building.visitor(building.theirs.inbox)
    async with building.socket() as socket:
        await socket.greet(token)
        for n in range(6):
            conv = foreign.id if n == 3 else conversation.id
            socket.say(t="send", conv=conv, cmid=f"o{n}", body={"text": f"{n}"})
        await until(lambda: len(answers(socket.frames)) == 6)
        told = answers(socket.frames)
        assert [frame["cmid"] for frame in told] == [f"o{n}" for n in range(6)]
        assert [frame["t"] for frame in told] == ["ack"] * 3 + ["nack"] + ["ack"] * 2
        assert (told[3]["code"], told[3]["retryable"]) == ("not_found", False)
        seqs = [frame["seq"] for frame in told if frame["t"] == "ack"]
        assert seqs == sorted(set(seqs))


def answers(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [frame for frame in frames if frame["t"] in {"ack", "nack"}]


async def test_more_sends_than_may_wait_are_refused_before_they_are_accepted(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "PENDING_SENDS", 4)
    token, conversation = await building.visitor()
    async with building.socket() as socket:
        await socket.greet(token)
        for n in range(12):
            socket.say(t="send", conv=conversation.id, cmid=f"p{n}", body={"text": f"{n}"})
        await until(lambda: len(answers(socket.frames)) == 12)
        refused = [frame for frame in answers(socket.frames) if frame["t"] == "nack"]
        assert {(frame["code"], frame["retryable"]) for frame in refused} == {("overloaded", True)}
        stored = await building.house.conversations.messages(conversation)
        kept = [message.cmid for message in stored if message.sender == "visitor"]
        assert sorted(kept) == sorted(frame["cmid"] for frame in answers(socket.frames) if frame["t"] == "ack")
        assert 4 <= len(kept) < 12


async def test_a_first_message_begins_a_conversation_and_its_retry_begins_no_second(building: Building) -> None:
    contact = await building.house.contacts.create_visitor(building.ours.inbox)
    token = building.house.identity.issue_visitor(contact)
    async with building.socket() as socket:
        assert (await socket.greet(token))["conv"] == ""
        for _ in range(2):
            socket.say(t="send", cmid="first", body={"text": "你好"})
        await until(lambda: len(answers(socket.frames)) == 2)
        first, again = answers(socket.frames)
        assert (first["dup"], again["dup"]) == (False, True)
        assert (again["conv"], again["msg"], again["seq"]) == (first["conv"], first["msg"], first["seq"])
        assert next(f["msg"]["text"] for f in socket.frames if f["t"] == "msg") == "你好"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"t": "watch"}, "not_found"),
        ({"t": "seen", "seq": 1}, "not_found"),
        ({"t": "feed", "on": True}, "agents_only"),
        ({"t": "cancel", "turn": "turn_of_nobody"}, "not_found"),
    ],
)
async def test_what_is_another_tenants_does_not_exist_by_any_frame(
    building: Building, frame: dict[str, Any], code: str
) -> None:
    token, _ = await building.visitor()
    if frame["t"] in {"watch", "seen"}:
        frame = {**frame, "conv": building.theirs.conversation.id}
    async with building.socket() as socket:
        await socket.greet(token)
        socket.say(**frame)
        assert (await socket.next("error"))["code"] == code
        assert socket.code is None


async def test_one_connection_follows_so_many_conversations(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "WATCHES", 2)
    ids = [(await building.visitor())[1].id for _ in range(3)]
    async with building.socket() as socket:
        await socket.greet(building.ours.agent)
        for one in ids:
            socket.say(t="watch", conv=one)
        assert (await socket.next("error"))["code"] == "watch_limit"
        socket.say(t="unwatch", conv=ids[0])
        socket.say(t="watch", conv=ids[2])
        await until(lambda: [f["conv"] for f in socket.frames if f["t"] == "resumed"] == ids)


async def test_a_note_reaches_agents_and_never_a_visitor(building: Building) -> None:
    token, conversation = await building.visitor()
    async with building.socket() as visitor, building.socket() as agent:
        for socket, credential in ((visitor, token), (agent, building.ours.agent)):
            await socket.greet(credential, resume=[{"conv": conversation.id}])
            await socket.next("resumed")
        agent.say(t="send", conv=conversation.id, cmid="n1", body={"type": "note", "text": "canary-note"})
        assert (await agent.next("msg"))["msg"]["text"] == "canary-note"
        await visitor.next("msg")
        assert "canary-note" not in str(visitor.frames)
        visitor.say(t="send", conv=conversation.id, cmid="n2", body={"type": "note", "text": "me too"})
        assert (await visitor.next("nack"))["code"] == "agents_only"


# Going


async def test_a_drain_says_goodbye_first_and_lets_nobody_in(building: Building) -> None:
    doors = building.again()
    token, _ = await building.visitor()
    async with doors.socket() as socket:
        await socket.greet(token)
        doors.app.state.sockets.announce_drain()
        assert (await socket.next("goaway"))["reconnect_in_ms"] == [0, 8000]
        async with doors.socket() as late:
            assert await late.closed() == 4001
        await doors.app.state.sockets.close()
        assert await socket.closed() == 4001
    assert len(doors.app.state.sockets) == 0


async def test_a_drain_refuses_the_handshake_so_that_a_proxy_asks_another_node(building: Building) -> None:
    doors = building.again()
    doors.app.state.sockets.announce_drain()
    scope = {
        "type": "websocket",
        "path": "/v1/ws",
        "headers": [],
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    told: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    await doors.app(scope, receive, send)
    assert [one["type"] for one in told] == ["websocket.http.response.start", "websocket.http.response.body"]
    assert told[0]["status"] == 503
    assert (b"retry-after", b"1") in told[0]["headers"]
    assert b'"code":"draining"' in told[1]["body"]


async def test_a_socket_at_another_path_is_not_there(building: Building) -> None:
    from tests.doors.wire import SocketClient

    client = SocketClient(building.app, {"host": "testserver"}, "/v1/elsewhere")
    assert await client.closed() == 1000
    await client.leave()


async def test_nothing_stays_behind_when_clients_leave(building: Building) -> None:
    doors = building.again()
    token, conversation = await building.visitor()
    for _ in range(5):
        async with doors.socket() as socket:
            await socket.greet(token, resume=[{"conv": conversation.id}])
    assert len(doors.app.state.sockets) == 0
