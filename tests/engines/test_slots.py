"""How many may do something at once."""

from __future__ import annotations

import asyncio

import pytest

from miaohui.engines.slots import Slots
from miaohui.kit.aio import spawn


async def test_no_more_get_a_place_than_there_are() -> None:
    slots = Slots(2)
    assert slots.take_free()
    assert slots.take_free()
    assert not slots.take_free()
    slots.give_back()
    assert slots.take_free()


async def test_whoever_waits_longest_comes_next_and_before_anybody_new() -> None:
    slots, order = Slots(1), []

    async def wait(name: str) -> None:
        await slots.take()
        order.append(name)

    await wait("first")
    waiting = [spawn(wait(name), name=name) for name in ("second", "third")]
    await asyncio.sleep(0)
    slots.give_back()
    assert not slots.take_free()
    slots.give_back()
    await asyncio.gather(*waiting)
    assert order == ["first", "second", "third"]


@pytest.mark.parametrize("given", [False, True])
async def test_one_that_leaves_loses_no_place(given: bool) -> None:
    slots = Slots(1)
    await slots.take()
    waiting = spawn(slots.take(), name="waits")
    await asyncio.sleep(0)
    if given:
        slots.give_back()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not given:
        slots.give_back()
    assert slots.take_free()
    assert not slots.take_free()
