"""Two routes asked for one answer: when the first is slower than it mostly is, another may be quicker.

Only before the first word, only where nothing is done twice by it (no tools), and only for a small share of turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, cast

from miaohui.engines.errors import EngineFailed
from miaohui.engines.types import Piece, Started, Text, ToolCalls
from miaohui.kit.aio import spawn

if TYPE_CHECKING:
    from miaohui.engines.bookkeeping import Attempt, Bookkeeper
    from miaohui.engines.dispatch import Dispatch, Trip


class _Runner:
    """Brings one attempt to its first word."""

    def __init__(self, attempt: Attempt, trip: Trip) -> None:
        self.attempt = attempt
        self.stream = cast("AsyncGenerator[Piece, None]", attempt.wire.engine.stream(trip.request))
        self.pieces: list[Piece] = []
        self.error: EngineFailed | None = None
        self.task = spawn(self._run(), name="engine-hedge")

    async def _run(self) -> None:
        try:
            while (piece := await anext(self.stream, None)) is not None:
                if isinstance(piece, Started):
                    self.attempt.sent = True
                else:
                    self.pieces.append(piece)
                if isinstance(piece, Text | ToolCalls):
                    return
        except EngineFailed as error:
            self.error = error

    @property
    def has_won(self) -> bool:
        return self.task.done() and not self.task.cancelled() and self.error is None

    async def stop(self) -> None:
        """Close the upstream's socket."""
        self.task.cancel()
        await asyncio.wait({self.task})
        await self.stream.aclose()


class Race:
    """One attempt, and perhaps a second one."""

    def __init__(self, dispatch: Dispatch, books: Bookkeeper, trip: Trip) -> None:
        self._dispatch = dispatch
        self._books = books
        self._trip = trip
        self._runners: list[_Runner] = []

    async def stream(self, delay_s: float) -> AsyncGenerator[Piece, None]:
        """The stream of whoever speaks first, who is `trip.attempt` from then on. Raises the last `EngineFailed`."""
        try:
            yield self._enter(cast("Attempt", self._trip.attempt))
            await asyncio.wait({self._runners[0].task}, timeout=delay_s)
            if not self._runners[0].task.done() and (rival := await self._dispatch.find_rival(self._trip)) is not None:
                self._books.begin(rival, self._trip.request, self._trip.allowance.number())
                yield self._enter(rival)
            winner = await self._find_winner()
            self._trip.attempt = winner.attempt
            await self._dismiss([runner for runner in self._runners if runner is not winner])
            for piece in winner.pieces:
                yield piece
            async for piece in winner.stream:
                yield piece
        finally:
            await self._dismiss(self._runners)

    def _enter(self, attempt: Attempt) -> Started:
        self._runners.append(_Runner(attempt, self._trip))
        route = attempt.line.route.name
        return Started(attempt=attempt.number, route=route, passed_over=self._trip.passed_over)

    async def _find_winner(self) -> _Runner:
        """Of two in the same tick the earlier one wins."""
        while True:
            for runner in [one for one in self._runners if one.error is not None]:
                self._trip.attempt = runner.attempt
                if len(self._runners) == 1 and runner.error is not None:
                    raise runner.error
                self._lose(runner)
            for runner in self._runners:
                if runner.has_won:
                    return runner
            await asyncio.wait({runner.task for runner in self._runners}, return_when=asyncio.FIRST_COMPLETED)

    def _lose(self, runner: _Runner) -> None:
        """One of two failed; the other goes on alone."""
        self._runners.remove(runner)
        error = cast("EngineFailed", runner.error)
        self._books.fail(runner.attempt, error.failure, error.usage)
        self._dispatch.note(self._trip, runner.attempt, error.failure)
        self._trip.attempt = self._runners[0].attempt

    async def _dismiss(self, runners: list[_Runner]) -> None:
        for runner in runners:
            if runner.attempt is not self._trip.attempt:
                self._books.abandon(runner.attempt, "hedge_loser")
        for runner in runners:
            await runner.stop()
