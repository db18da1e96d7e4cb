"""A deadline over many short awaits, at the price of one timer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


class Alarm:
    """Ends the await that is under way when the time is up.

    `asyncio.timeout` may not stand around a `yield`, and one per chunk costs more than the chunk; this keeps one timer
    for the whole stream and acts only while `during` awaits.
    """

    def __init__(self, at: float | None) -> None:
        """`at` is a loop time; None never rings."""
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[object] | None = None
        self._rang = False
        self._handle: asyncio.TimerHandle | None = None
        if at is not None:
            self.set_off(at)

    def set_off(self, at: float) -> None:
        """Ring at this loop time instead; an alarm that never rings stays so."""
        self.stop()
        self._handle = self._loop.call_at(at, self._ring)

    async def during(self, awaitable: Awaitable[T]) -> T:
        """Await, but not past the deadline: raises `TimeoutError`."""
        task: Any = asyncio.current_task(self._loop)
        before = task.cancelling()
        self._task = None if self._rang else task
        try:
            return await awaitable
        except asyncio.CancelledError:
            if self._rang and self._task is None and task.uncancel() <= before:
                raise TimeoutError from None
            raise
        finally:
            self._task = None

    def _ring(self) -> None:
        self._rang = True
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def stop(self) -> None:
        """The time no longer matters."""
        if self._handle is not None:
            self._handle.cancel()
