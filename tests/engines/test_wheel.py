"""One timer for many waits."""

from __future__ import annotations

import asyncio

from miaohui.engines.wheel import Wheel


class _Waiting:
    def __init__(self) -> None:
        self.called = asyncio.Event()
        self.slots: list[int] = []

    def due(self, slot: int) -> None:
        self.slots.append(slot)
        self.called.set()


async def test_a_short_wait_is_not_held_up_by_a_longer_one() -> None:
    wheel, patient, hasty = Wheel(asyncio.get_running_loop()), _Waiting(), _Waiting()
    wheel.put(patient, 60.0)
    slot = wheel.put(hasty, 0.01)
    async with asyncio.timeout(10):
        await hasty.called.wait()
    assert hasty.slots == [slot]
    assert not patient.called.is_set()


async def test_a_long_wait_comes_after_a_shorter_one() -> None:
    wheel, patient, hasty = Wheel(asyncio.get_running_loop()), _Waiting(), _Waiting()
    first = wheel.put(hasty, 0.01)
    last = wheel.put(patient, 0.05)
    async with asyncio.timeout(10):
        await patient.called.wait()
    assert (hasty.slots, patient.slots) == ([first], [last])


async def test_those_of_one_slot_are_called_in_one_round() -> None:
    wheel, many = Wheel(asyncio.get_running_loop()), [_Waiting() for _ in range(5)]
    slots = {wheel.put(one, 0.02) for one in many}
    async with asyncio.timeout(10):
        await asyncio.gather(*(one.called.wait() for one in many))
    assert {slot for one in many for slot in one.slots} == slots
    assert all(len(one.slots) == 1 for one in many)
