"""A session whose frames somebody waits for: the door of requests that answer in pieces or late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from miaohui.channels.frames import Resume
from miaohui.channels.session import Session
from miaohui.kit import aio

if TYPE_CHECKING:
    from miaohui.channels.bounds import Bounds
    from miaohui.channels.cursor import Cursor
    from miaohui.channels.services import Services
    from miaohui.identity.types import Principal


class Mailbox:
    """Holds what was delivered until it is taken."""

    def __init__(self, services: Services, principal: Principal, limits: Bounds) -> None:
        self.session = Session(services, principal, self, limits)
        self.cut_off = False
        """The reader was too slow, or the server closes; it must come back with its position."""
        self._woken = asyncio.Event()

    def put(self, frame: bytes) -> bool:
        """Never: whoever polls or streams takes frames when it is their turn."""
        return False

    def wake(self) -> None:
        """Something came."""
        self._woken.set()

    def cut(self, code: int, reason: str) -> None:
        """End it: what waits is still given out, nothing is added."""
        self.cut_off = True
        self.session.closed = True
        self._woken.set()

    async def wait(self, seconds: float, also: Callable[[], bool] = bool) -> bool:
        """Whether something waits, was cut off, or `also` holds, within so many seconds."""
        if not self.session.outgoing and not self.cut_off and not also():
            self._woken.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                return False
        return True

    def take_all(self) -> list[tuple[bytes, Any]]:
        """Everything that waits now."""
        return [self.session.take() for _ in range(len(self.session.outgoing))]

    @asynccontextmanager
    async def following(self, conversation_id: str, cursor: Cursor) -> AsyncIterator[None]:
        """Follow a conversation meanwhile; a long catch-up comes as the reader makes room."""
        resume = Resume(conv=conversation_id, epoch=cursor.epoch, seq=cursor.seq, streams=cursor.seen)
        task = aio.spawn(self.session.follow(resume), name="door:follow")
        task.add_done_callback(self._followed)
        try:
            yield
        finally:
            await aio.stop(task)
            self.session.close()

    def _followed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.cut(4004, "could not follow")
