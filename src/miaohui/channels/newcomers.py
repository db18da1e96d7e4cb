"""How fast newcomers are let in. A server that comes back must not be thrown over by the crowd that it lost.

Whoever is not let in yet is told when to come, each a little later than the one before; who is inside is not touched.
"""

from __future__ import annotations

import asyncio
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

import msgspec

from miaohui.kit import metrics
from miaohui.kit.errors import Unavailable

if TYPE_CHECKING:
    from miaohui.channels.bounds import Bounds
    from miaohui.channels.session import Session
    from miaohui.kit.clock import Clock

LEAST_S = 1.0
"""Nobody is told to come sooner."""
MOST_S = 15.0
"""Nobody is told to come later than this and a quarter: our clients give up when they are told to wait over 20 s."""
PATIENCE_S = 1.0
"""For who is being greeted: only a slow database makes newcomers wait so long."""
GREETING_S = 30.0
"""Who is greeted for longer than this reads slowly, and is no longer in others' way."""

TURNED_AWAY = metrics.counter(
    "miaohui_newcomers_turned_away_total", "Newcomers told to come a little later.", ("door",)
)


class Wait(msgspec.Struct, frozen=True):
    """Come back after a random part of this, seconds."""

    least_s: float
    most_s: float

    @property
    def milliseconds(self) -> tuple[int, int]:
        """As a `goaway` tells it."""
        return ceil(self.least_s * 1000), ceil(self.most_s * 1000)


class Newcomers:
    """Lets in so many a second, a burst of them at once, and no more than are greeted in good time."""

    def __init__(self, door: str, limits: Bounds, clock: Clock) -> None:
        self._door = door
        self._bounds = limits
        self._clock = clock
        self._free = float(limits.newcomers_burst)
        self._counted_at = clock.monotonic()
        self._promised_at = 0.0
        """Until when newcomers were told to come."""
        self._greeting: dict[int, float] = {}
        """Since when, by ticket; the oldest first."""
        self._waiting: dict[asyncio.Future[int], None] = {}
        self._last = 0

    async def let_in(self) -> int | Wait:
        """A ticket, to be given to `greeted`; or when to come. Waits a moment for who is being greeted."""
        now = self._clock.monotonic()
        self._free = min(
            float(self._bounds.newcomers_burst),
            self._free + (now - self._counted_at) * self._bounds.newcomers_per_second,
        )
        self._counted_at = now
        self._forget_slow(now)
        if self._free < 1:
            return self._later(now)
        self._free -= 1
        if len(self._greeting) < self._bounds.newcomers_at_once:
            return self._ticket(now)
        return await self._next_place() or self._later(self._clock.monotonic())

    async def check(self) -> int:
        """As `let_in`. Raises `Unavailable`, which says when to come."""
        found = await self.let_in()
        if isinstance(found, Wait):
            raise Unavailable(
                "Many are coming now. Come back in a few seconds.", code="crowded", retry_after_s=found.least_s
            )
        return found

    def greeted(self, ticket: int) -> None:
        """Everything was read that a newcomer needs, or they have left; the next one takes the place."""
        if self._greeting.pop(ticket, None) is None:
            return
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(self._ticket(self._clock.monotonic()))
                return

    def greeted_after(self, ticket: int, session: Session | None) -> None:
        """The same, once this session has told what was missed."""
        if session is None:
            self.greeted(ticket)
        else:
            session.when_idle(partial(self.greeted, ticket))

    def _ticket(self, now: float) -> int:
        self._last += 1
        self._greeting[self._last] = now
        return self._last

    async def _next_place(self) -> int:
        """The ticket of who is greeted; 0 when nobody is in good time."""
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = None
        try:
            await asyncio.wait((waiter,), timeout=PATIENCE_S)
            return waiter.result() if waiter.done() else 0
        except asyncio.CancelledError:
            if waiter.done():
                self.greeted(waiter.result())
            raise
        finally:
            del self._waiting[waiter]

    def _forget_slow(self, now: float) -> None:
        while self._greeting and now - self._greeting[oldest := next(iter(self._greeting))] > GREETING_S:
            del self._greeting[oldest]

    def _later(self, now: float) -> Wait:
        """The next place in the line; from its end on everybody is told the same, and draws their own time."""
        TURNED_AWAY.labels(self._door).inc()
        self._promised_at = max(self._promised_at, now + LEAST_S)
        least = min(self._promised_at - now, MOST_S)
        if least < MOST_S:
            self._promised_at += 1 / self._bounds.newcomers_per_second
        return Wait(least, least + max(LEAST_S, least / 4))
