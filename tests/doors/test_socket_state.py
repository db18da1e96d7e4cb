"""What an idle socket holds of its transport: arrivals for one receiver, and a gate before what is written."""

from __future__ import annotations

import asyncio

from uvicorn.config import Config
from uvicorn.server import ServerState

from miaohui.channels.protocols import MiaohuiWebSocket
from miaohui.channels.socket_state import Arrivals, Gate


async def test_messages_are_received_in_the_order_they_came_also_by_who_waited_first() -> None:
    arrivals = Arrivals()
    waiting = asyncio.create_task(arrivals.get())
    await asyncio.sleep(0)
    for number in range(3):
        arrivals.put_nowait(number)
    assert [await waiting, await arrivals.get(), await arrivals.get()] == [0, 1, 2]
    assert arrivals.empty()


async def test_a_receiver_that_gives_up_loses_nothing_for_the_next_one() -> None:
    arrivals = Arrivals()
    waiting = asyncio.create_task(arrivals.get())
    await asyncio.sleep(0)
    arrivals.put_nowait("said")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
    assert await arrivals.get() == "said"


async def test_a_gate_lets_through_when_open_and_everybody_who_waited_when_it_opens() -> None:
    gate = Gate()
    await gate.wait()
    gate.clear()
    gate.clear()
    given_up, *waiting = [asyncio.create_task(gate.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    assert not gate.is_set()
    assert not any(one.done() for one in waiting)
    gate.set()
    gate.clear()
    await asyncio.gather(*waiting)
    assert not gate.is_set()


async def test_a_socket_keeps_none_of_its_attributes_in_a_dictionary() -> None:
    """A name that is new in the library costs each idle socket a kilobyte until it has its place."""
    socket = MiaohuiWebSocket(Config(app=lambda: None), ServerState(), {})
    assert vars(socket) == {}
