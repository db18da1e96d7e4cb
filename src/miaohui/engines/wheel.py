"""One timer for all connections that wait to be read again.

Those due within the same tick are read in one round of the event loop, which at a thousand streams saves more than the
timers themselves.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

TICK_S = 0.01


class Waiting(Protocol):
    """Who waits on the wheel."""

    def due(self, slot: int) -> None:
        """The time that `Wheel.put` called `slot` has come."""
        ...


class Wheel:
    """Calls `due` after a while, up to one tick late. What no longer waits is called too and ignores it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, list[Waiting]] = {}
        self._handle: asyncio.TimerHandle | None = None

    def put(self, waiting: Waiting, seconds: float) -> int:
        """Call `waiting` in so long; the slot that it will be called with."""
        slot = int((self._loop.time() + seconds) / TICK_S) + 1
        members = self._slots.get(slot)
        if members is None:
            members = self._slots[slot] = []
            # Slots of one wait time come in order; a shorter one may come late by what is left of the next slot.
            if self._handle is None:
                self._handle = self._loop.call_at(slot * TICK_S, self._turn)
        members.append(waiting)
        return slot

    def _turn(self) -> None:
        now = int(self._loop.time() / TICK_S + 0.1)
        for slot in sorted(slot for slot in self._slots if slot <= now):
            for waiting in self._slots.pop(slot):
                waiting.due(slot)
        self._handle = self._loop.call_at(min(self._slots) * TICK_S, self._turn) if self._slots else None
