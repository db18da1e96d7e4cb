"""The deadlines of one attempt, kept by one timer.

The timer is not set anew at every chunk: when it rings early it looks at how far the deadline has moved and sleeps on.
"""

from __future__ import annotations

import asyncio

import msgspec

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.connection import Connection

_EARLY_S = 0.001


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that an attempt may take."""

    first_content_s: float = 5.0
    idle_s: float = 10.0
    total_s: float = 60.0


class Watchdog:
    """Fails the connection that it watches when a deadline passes. `stop` it in any case."""

    __slots__ = ("_code", "_deadlines", "_due", "_handle", "_last", "_loop", "_rings_at", "connection")

    def __init__(self, deadlines: Deadlines, connection: Connection) -> None:
        self.connection = connection
        self._loop = asyncio.get_running_loop()
        self._deadlines = deadlines
        now = self._loop.time()
        self._last = now + deadlines.total_s
        self._due = now + deadlines.first_content_s
        self._code = "first_content_timeout"
        self._sleep()

    def saw_content(self) -> None:
        """More of the answer came."""
        self._code = "idle_timeout"
        self._due = self._loop.time() + self._deadlines.idle_s
        if self._due < self._rings_at - _EARLY_S:
            self._handle.cancel()
            self._sleep()

    def linger(self, seconds: float) -> None:
        """The answer is whole; give its tail so long and no longer."""
        self._handle.cancel()
        self._code = "tail_timeout"
        self._due = self._loop.time() + seconds
        self._sleep()

    def stop(self) -> None:
        """The attempt is over."""
        self._handle.cancel()

    def _sleep(self) -> None:
        self._rings_at = min(self._due, self._last)
        self._handle = self._loop.call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        if self._loop.time() + _EARLY_S < min(self._due, self._last):
            self._sleep()
            return
        code = self._code if self._due <= self._last else "total_timeout"
        self.connection.fail(Failure(failure_class=FailureClass.TIMEOUT, code=code, detail="the engine took too long"))
