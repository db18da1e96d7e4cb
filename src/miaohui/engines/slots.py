"""How many may do something at once; whoever comes first is first served."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """A semaphore that can be asked for a free place without a coroutine."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_free(self) -> bool:
        """Take a place if one is free; it is given to those who wait before anybody else."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Wait for a place."""
        if self.take_free():
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._waiting.remove(place)
            else:  # given in the moment of leaving
                self.give_back()
            raise

    def give_back(self) -> None:
        """Done."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
