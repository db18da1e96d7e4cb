"""Identical requests under way share one upstream call.

A flight is one upstream call and all who follow it. Its task belongs to nobody who asked: who leaves, or is cancelled,
takes nothing from the others. Followers read by index, so a slow one holds nobody up; what a flight holds is bounded by
the longest answer, which the engine bounds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeAlias

import msgspec

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import EngineFailed, failed
from miaohui.engines.types import Finished, Piece, Restarted, Text, Usage
from miaohui.kit.aio import spawn, stop

Begin: TypeAlias = Callable[[], AsyncGenerator[Piece, None]]
"""Asks upstream, once."""

NOTHING = Usage(input_tokens=0, output_tokens=0, estimated=False)
"""What an answer costs that was not asked for upstream."""
_HALF = 0.5
_SHARE_OF_NEWEST = 0.1


class Flight:
    """One upstream call."""

    __slots__ = ("ended", "failure", "followers", "key", "news", "pieces", "said", "start", "task")

    def __init__(self, key: str) -> None:
        self.key = key
        self.pieces: list[Piece] = []
        self.start = 0
        """Where who joins now begins to read: what came before is void."""
        self.said = 0
        """Characters of the answer so far."""
        self.followers = 0
        self.ended = False
        self.failure: Exception | None = None
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def add(self, piece: Piece) -> None:
        """Something came from upstream."""
        self.pieces.append(piece)
        if isinstance(piece, Text):
            self.said += len(piece.text)
        elif isinstance(piece, Restarted):
            self.said = 0
            self.start = len(self.pieces)
        self.tell()

    def tell(self) -> None:
        """Wake everybody who waits now."""
        self.news.set()
        self.news.clear()


class Flights:
    """Those under way, by key."""

    def __init__(self, *, most: int = 4_096) -> None:
        """With `most` under way, a further request is asked on its own."""
        self._most = most
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._usual = 0.0
        """Characters of an answer, of late."""

    def __len__(self) -> int:
        return len(self._flights)

    def is_under_way(self, key: str) -> bool:
        """Whether one may be joined."""
        return key in self._flights

    async def follow(self, key: str, begin: Begin) -> AsyncGenerator[Piece, None]:
        """The pieces of the flight under this key, from the first on; `begin` starts it when there is none.

        Raises the `EngineFailed` that ended it, to everybody alike.
        """
        flight = self._flights.get(key)
        if flight is None and len(self._flights) >= self._most:
            async with aclosing(begin()) as pieces:
                async for piece in pieces:
                    yield piece
            return
        joined = flight is not None
        flight = flight or self._take_off(key, begin)
        flight.followers += 1
        try:
            at = flight.start
            while True:
                while at < len(flight.pieces):
                    piece = flight.pieces[at]
                    at += 1
                    yield _as_joined(piece) if joined else piece
                if flight.ended:
                    break
                await flight.news.wait()
            if flight.failure is not None:
                raise _anew(flight.failure)
        finally:
            flight.followers -= 1
            if not flight.followers and not flight.ended:
                self._leave_alone(flight)

    def _take_off(self, key: str, begin: Begin) -> Flight:
        flight = self._flights[key] = Flight(key)
        task = flight.task = spawn(self._fly(flight, begin), name="engine-flight")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return flight

    async def _fly(self, flight: Flight, begin: Begin) -> None:
        """Goes on after the last piece: the answer is still put away then, and nobody has to wait for that."""
        try:
            async with aclosing(begin()) as pieces:
                async for piece in pieces:
                    flight.add(piece)
                    if isinstance(piece, Finished):
                        self._learn(flight.said)
                        self._land(flight)
        except Exception as error:  # noqa: BLE001  who follows is told, whatever it was
            flight.failure = error
        finally:
            if not flight.ended and flight.failure is None:
                flight.failure = failed(_ENDED)
            self._land(flight)

    def _land(self, flight: Flight) -> None:
        flight.ended = True
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        flight.tell()

    def _learn(self, length: int) -> None:
        self._usual += (length - self._usual) * (_SHARE_OF_NEWEST if self._usual else 1.0)

    def _leave_alone(self, flight: Flight) -> None:
        """Nobody listens any more. What is more than half said is worth more kept than cut off."""
        if self._usual and flight.said > _HALF * self._usual:
            return
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        if flight.task is not None:
            flight.task.cancel()

    async def close(self) -> None:
        """End all; who still follows is told so."""
        await stop(*self._tasks)


def _as_joined(piece: Piece) -> Piece:
    """For those who did not begin the flight: the tokens were another's."""
    if not isinstance(piece, Finished) or piece.route.startswith("cache:"):
        return piece
    return msgspec.structs.replace(piece, route=f"shared:{piece.route}", usage=NOTHING)


def _anew(failure: Exception) -> Exception:
    """One error for each who is told, so that no traceback grows by everybody's frames."""
    return failed(failure.failure) if isinstance(failure, EngineFailed) else failure


_ENDED = Failure(failure_class=FailureClass.TRANSIENT, code="cut_off", detail="the shared call was ended")
