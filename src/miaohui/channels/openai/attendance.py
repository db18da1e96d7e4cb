"""Is the client of each answer still there, and does it read?

A server that tells when a connection is lost is asked to; then one task looks after all answers of the door. Under any
other, each answer has a task that listens for its client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from miaohui.kit import aio

if TYPE_CHECKING:
    from starlette.types import Receive

    from miaohui.channels.openai.outlets import Outlet

TICK_SECONDS = 2.5
"""How often it is looked at whether the client is there and reads."""

Leave = Callable[[], None]


class Attendance:
    """Looks after the answers that are under way."""

    def __init__(self) -> None:
        self._attended: dict[Outlet, Leave] = {}
        self._looking = False

    @contextmanager
    def attend(self, outlet: Outlet, receive: Receive, leave: Leave) -> Iterator[None]:
        """Call `leave`, once or more often, when nobody takes the answer any longer."""
        if not outlet.on_gone(leave):
            watch = aio.spawn(_watch(receive, outlet, leave), name="completions:watch")
            try:
                yield
            finally:
                watch.cancel()
            return
        self._attended[outlet] = leave
        if not self._looking:
            self._looking = True
            aio.launch(self._look(), name="completions:attendance")
        try:
            yield
        finally:
            outlet.on_gone(None)
            del self._attended[outlet]

    async def _look(self) -> None:
        try:
            while self._attended:
                await asyncio.sleep(TICK_SECONDS)
                for outlet, leave in self._attended.items():
                    if outlet.is_due:
                        aio.launch(_tend(outlet, leave), name="completions:tend")
        finally:
            self._looking = False


async def _watch(receive: Receive, outlet: Outlet, leave: Leave) -> None:
    while True:
        try:
            async with asyncio.timeout(TICK_SECONDS):
                here = (await receive())["type"] != "http.disconnect"
        except TimeoutError:
            here = not outlet.is_due or await outlet.tend()
        if not here:
            leave()
            return


async def _tend(outlet: Outlet, leave: Leave) -> None:
    if not await outlet.tend():
        leave()
