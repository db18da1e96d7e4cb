"""A deadline over a whole stream, at the price of one timer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from types import AsyncGeneratorType
from typing import Any, cast


class Alarm:
    """Ends the wait for the next piece of a stream when the time is up.

    `asyncio.timeout` may not stand around a `yield`, and one per piece costs more than the piece. This one acts only
    while the stream is being waited for: who holds a piece is not disturbed, and is told by `check` when coming back.
    """

    __slots__ = ("_before", "_handle", "_loop", "_pieces", "_rang", "_struck", "_task")

    def __init__(self, at: float) -> None:
        """`at` is a loop time."""
        self._loop = asyncio.get_running_loop()
        self._pieces: AsyncGeneratorType[Any, None] | None = None
        self._task: asyncio.Task[Any] | None = None
        self._before = 0
        self._rang = self._struck = False
        self._handle = self._loop.call_at(at, self._ring)

    def watch(self, pieces: AsyncGenerator[Any, None]) -> None:
        """The stream, which is read by the current task."""
        self._pieces = cast("AsyncGeneratorType[Any, None]", pieces)
        self._task = asyncio.current_task(self._loop)
        self._before = self._task.cancelling() if self._task is not None else 0

    def set_off(self, at: float) -> None:
        """Ring at this loop time instead."""
        self._handle.cancel()
        self._handle = self._loop.call_at(at, self._ring)

    def check(self) -> None:
        """Raises `TimeoutError` when it rang while nobody waited."""
        if self._rang:
            raise TimeoutError

    def ends(self) -> bool:
        """Whether the cancellation under way is this alarm's doing, and nobody else's; then it is taken back."""
        return self._struck and self._task is not None and self._task.uncancel() <= self._before

    def stop(self) -> None:
        """The time no longer matters."""
        self._handle.cancel()

    def _ring(self) -> None:
        self._rang = True
        if self._pieces is not None and self._task is not None and self._pieces.ag_running:
            self._struck = True
            self._task.cancel()
