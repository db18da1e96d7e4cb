"""Newcomers are let in at a pace; the others are told when to come, and nobody who is inside is touched."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from tests.doors.building import Building
from tests.doors.wire import SocketClient

from miaohui.channels import newcomers
from miaohui.channels.bounds import Bounds
from miaohui.channels.newcomers import Newcomers, Wait
from miaohui.kit.clock import SystemClock
from miaohui.testing.clock import FakeClock

pytestmark = pytest.mark.asyncio(loop_scope="session")

FEW: dict[str, Any] = {"newcomers_per_second": 1, "newcomers_burst": 2}


def doors_of(building: Building, **bounds: Any) -> tuple[Building, FakeClock]:
    clock = FakeClock(SystemClock().now_ms())
    return building.again(clock=clock, **{**FEW, **bounds}), clock


async def turned_away(socket: SocketClient, token: str) -> dict[str, Any]:
    """What is told to who is not let in."""
    socket.say(t="hello", v=1, token=token)
    assert await socket.closed() == 4013
    return socket.frames[-1]


# Sockets


async def test_over_the_pace_a_visitor_is_told_when_to_come_and_is_let_in_then(building: Building) -> None:
    doors, clock = doors_of(building)
    tokens = [(await building.visitor())[0] for _ in range(5)]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(doors.socket()) for _ in tokens]
        for socket, token in zip(sockets[:2], tokens, strict=False):
            await socket.greet(token)
        told = [await turned_away(socket, token) for socket, token in zip(sockets[2:], tokens[2:], strict=True)]
        assert [one["reason"] for one in told] == ["crowded"] * 3
        assert [one["reconnect_in_ms"][0] for one in told] == [1000, 2000, 3000]
        assert [socket.code for socket in sockets[:2]] == [None, None]
        clock.advance(1)
        async with doors.socket() as again, doors.socket() as hasty:
            await again.greet(tokens[2])
            await turned_away(hasty, tokens[3])


async def test_agents_keys_and_those_inside_are_not_counted(building: Building) -> None:
    doors, _ = doors_of(building, newcomers_burst=1)
    token, conversation = await building.visitor()
    async with doors.socket() as inside, AsyncExitStack() as stack:
        await inside.greet(token)
        for credential in (building.ours.agent, building.ours.key, building.ours.agent):
            colleague = await stack.enter_async_context(doors.socket(origin="http://testserver"))
            await colleague.greet(credential)
        inside.say(t="hello", v=1, token=token, resume=[{"conv": conversation.id, "seq": 0}])
        await inside.next("resumed")
        assert inside.code is None
        assert (await doors.ask("GET", "/healthz")).status == 200
        assert (await doors.ask("GET", "/readyz")).status == 200
        async with doors.socket() as late:
            await turned_away(late, (await building.visitor())[0])


async def test_who_has_no_right_to_come_in_takes_nobodys_place(building: Building) -> None:
    doors, _ = doors_of(building, newcomers_burst=1)
    for _ in range(3):
        async with doors.socket() as nobody:
            nobody.say(t="hello", v=1, token="nobody")
            assert await nobody.closed() == 4500
    async with doors.socket() as visitor:
        await visitor.greet((await building.visitor())[0])


async def test_while_what_was_missed_is_read_only_so_many_more_come_in(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors, clock = doors_of(building, newcomers_burst=100, newcomers_at_once=2)
    gate = asyncio.Event()
    real = doors.services.conversations.access

    async def slowly(*arguments: Any) -> Any:
        await gate.wait()
        return await real(*arguments)

    monkeypatch.setattr(type(doors.services.conversations), "access", lambda _, *arguments: slowly(*arguments))
    people = [await building.visitor() for _ in range(5)]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(doors.socket()) for _ in people]
        for socket, (token, conversation) in zip(sockets[:2], people, strict=False):
            await socket.greet(token, resume=[{"conv": conversation.id, "seq": 0}])
        monkeypatch.setattr(newcomers, "PATIENCE_S", 0.02)
        assert (await turned_away(sockets[2], people[2][0]))["reason"] == "crowded"
        monkeypatch.setattr(newcomers, "PATIENCE_S", 5.0)
        sockets[4].say(t="hello", v=1, token=people[4][0])
        await asyncio.sleep(0.05)
        assert sockets[4].frames == []
        gate.set()
        await sockets[4].next("welcome")
        for socket in sockets[:2]:
            await socket.next("resumed")
        await sockets[3].greet(people[3][0])
        gate.clear()
        clock.advance(newcomers.GREETING_S + 1)
        assert not isinstance(await doors.app.state.sockets.newcomers.let_in(), Wait)


# Streams and sessions


async def test_a_stream_that_begins_is_a_newcomer_and_its_polls_are_not(building: Building) -> None:
    doors, clock = doors_of(building, newcomers_burst=1)
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}"
    async with doors.stream("GET", f"{path}/stream", token=token) as stream:
        await stream.until(lambda: '"resumed"' in stream.text)
        refused = await doors.ask("GET", f"{path}/stream", token=token)
        assert (refused.status, refused.json()["code"], refused.headers["retry-after"]) == (503, "crowded", "1")
        assert (await doors.ask("GET", f"{path}/events?wait=0", token=token)).status == 200
        assert not stream.ended
        clock.advance(1)
        async with doors.stream("GET", f"{path}/stream", token=token) as later:
            await later.until(lambda: '"resumed"' in later.text)


async def test_sessions_of_the_widget_are_counted_apart(building: Building) -> None:
    doors, clock = doors_of(building, newcomers_burst=1)
    body = {"site_key": building.ours.inbox.site_key}
    statuses = [(await doors.ask("POST", "/v1/widget/session", json=body)).status for _ in range(3)]
    assert statuses == [200, 503, 503]
    async with doors.socket() as socket:
        await socket.greet((await building.visitor())[0])
    clock.advance(1)
    assert (await doors.ask("POST", "/v1/widget/session", json=body)).status == 200


# A crowd


async def test_a_crowd_that_does_as_it_is_told_is_let_in_at_the_pace_and_asks_seldom() -> None:
    clock = FakeClock()
    door = Newcomers("socket", Bounds(newcomers_per_second=100, newcomers_burst=100, newcomers_at_once=10_000), clock)
    began, inside, asked = clock.monotonic(), list[float](), 0
    due = [(clock.monotonic(), number) for number in range(2_000)]
    while due:
        due.sort()
        at, number = due.pop(0)
        clock.advance(max(0.0, at - clock.monotonic()))
        asked += 1
        found = await door.let_in()
        if isinstance(found, Wait):
            assert newcomers.LEAST_S <= found.least_s <= newcomers.MOST_S
            due.append(
                (clock.monotonic() + found.least_s + (found.most_s - found.least_s) * (number % 97) / 97, number)
            )
        else:
            inside.append(clock.monotonic() - began)
    most = max(sum(1 for at in inside if second <= at < second + 1) for second in range(int(inside[-1]) + 1))
    assert most <= 201
    assert inside[-1] < 40
    assert asked < 3 * 2_000
