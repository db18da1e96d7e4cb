"""What an idle socket holds of its transport, in a few words of memory instead of asyncio's empty queues.

An `asyncio.Queue` and an `asyncio.Event` are made of five deques, and an empty deque takes 600 bytes: with thousands of
sockets that nobody says anything on, that was the largest part of each.
"""

from __future__ import annotations

import asyncio
from typing import Any


class Arrivals:
    """Messages that came in, in order, for one receiver."""

    __slots__ = ("_messages", "_waiter")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Whether nothing waits to be received."""
        return not self._messages

    def put_nowait(self, message: Any) -> None:
        """One more; reading pauses after each, so they are few."""
        self._messages.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        """The oldest one, once there is one."""
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._messages.pop(0)


class Gate:
    """Whether the transport takes more; open at first."""

    __slots__ = ("_opening",)

    def __init__(self) -> None:
        self._opening: asyncio.Future[None] | None = None
        """Done when it opens; None while it is open."""

    def is_set(self) -> bool:
        """Whether it is open."""
        return self._opening is None

    def set(self) -> None:
        """Open: whoever waits goes on."""
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.set_result(None)

    def clear(self) -> None:
        """Close."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_future()

    async def wait(self) -> None:
        """Return when it is open, or was for a moment."""
        if self._opening is not None:
            await asyncio.shield(self._opening)
