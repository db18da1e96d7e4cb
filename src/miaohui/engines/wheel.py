"""One timer for all connections that wait to be read again.

Those due within the same tick are read in one round of the event loop, which at a thousand streams saves more than the
timers themselves.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

TICK_S = 0.01
STRETCHED, CROWD = 1.5, 160
"""With `CROWD` streams waiting everyone waits twice as long, up to 1 + `STRETCHED` times: a busy server reads more at a
time, and a visitor, whose client smooths the words, still sees them flow."""


class Waiting(Protocol):
    """Who waits on the wheel."""

    def due(self, slot: int) -> None:
        """The time that `Wheel.put` called `slot` has come."""
        ...


class Wheel:
    """Calls `due` after a while, up to one tick late, two in a crowd. Who no longer waits is called too."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, list[Waiting]] = {}
        self._handle: asyncio.TimerHandle | None = None
        self._next = 0
        """The slot that the timer is set for."""
        self._count = 0

    def put(self, waiting: Waiting, seconds: float) -> int:
        """Call `waiting` in so long, longer when many wait; the slot that it will be called with."""
        stretched = seconds * (1 + min(STRETCHED, self._count / CROWD))
        self._count += 1
        slot = int((self._loop.time() + stretched) / TICK_S) + 1
        if self._count > CROWD:
            slot += slot & 1  # rounds half as often, each twice as full
        members = self._slots.get(slot)
        if members is None:
            members = self._slots[slot] = []
            if self._handle is None or slot < self._next:
                self._set(slot)
        members.append(waiting)
        return slot

    def _set(self, slot: int) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._next = slot
        self._handle = self._loop.call_at(slot * TICK_S, self._turn)

    def _turn(self) -> None:
        now = int(self._loop.time() / TICK_S + 0.1)
        for slot in sorted(slot for slot in self._slots if slot <= now):
            members = self._slots.pop(slot)
            self._count -= len(members)
            for waiting in members:
                waiting.due(slot)
        self._handle = None
        if self._slots:
            self._set(min(self._slots))
