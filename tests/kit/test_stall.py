"""What holds the event loop up is named while it does."""

from __future__ import annotations

import asyncio
import threading
import time

from structlog.testing import capture_logs

from miaohui.kit.aio import spawn, stop
from miaohui.kit.stall import STALLED, StallWatch


def hold_up(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1000))


async def stalls(*held_s: float) -> list[str]:
    """The stacks that are written down while the loop is held up for so long, one time after the other."""
    with capture_logs() as lines:
        watching = spawn(StallWatch(after_s=0.1, every_s=0.02).run(), name="stall-watch")
        await asyncio.sleep(0.05)
        for seconds in held_s:
            hold_up(seconds)
            await asyncio.sleep(0.1)
        await stop(watching)
    return [str(line["stack"]) for line in lines if line["event"] == "loop.held_up"]


async def test_who_holds_the_loop_up_is_written_down_once() -> None:
    before = STALLED._value.get()
    (stack,) = await stalls(0.6, 0.6)
    assert "in hold_up" in stack
    assert STALLED._value.get() == before + 2, "counted each time, written down once in a while"


async def test_a_loop_that_waits_is_not_held_up() -> None:
    assert await stalls(0.0) == []


async def test_the_thread_ends_with_the_watch() -> None:
    before = set(threading.enumerate())
    await stalls(0.0)
    for thread in set(threading.enumerate()) - before:
        if thread.name == "stall-watch":
            await asyncio.to_thread(thread.join, 5)
    assert not [one for one in set(threading.enumerate()) - before if one.name == "stall-watch"]
