"""A share of conversations is answered by another engine, until that does worse than the one it might replace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from miaohui.engines.errors import EngineFailed
from miaohui.engines.ports import Engine
from miaohui.engines.types import EngineRequest, Finished, Piece, Restarted, Text, ToolCalls
from miaohui.experiments.policy import Side, takes_part, why_to_end
from miaohui.experiments.types import Share, Verge
from miaohui.kit import metrics
from miaohui.kit.telemetry import get_log

ANSWERS = metrics.counter(
    "miaohui_grey_answers_total", "Answers while another engine is tried, by side and end.", ("side", "outcome")
)
ENDED = metrics.gauge("miaohui_grey_ended", "1 when the trial of another engine was ended for doing worse.")

_log = get_log(__name__)


class Grey:
    """See `engines.ports.Engine`. When the other engine fails the usual one answers; the trial costs no answer.

    A trial that was ended stays ended until the process starts anew, with settings that somebody looked at.
    """

    def __init__(self, usual: Engine, other: Engine, share: Share, verge: Verge | None = None) -> None:
        self._usual = usual
        self._other = other
        self._share = share
        self._verge = verge or Verge()
        self._trial = Side(self._verge.window)
        self._rest = Side(self._verge.window)
        self.ended = ""
        """Why the trial was ended; empty while it goes on."""
        self.name = usual.name
        ENDED.set(0)

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """An answer of the side that the conversation is on."""
        if self.ended or not request.grounded or not takes_part(self._share, request.conversation_id):
            async with aclosing(self._follow(self._usual, request, self._rest, "usual")) as pieces:
                async for piece in pieces:
                    yield piece
            return
        spoken = False
        try:
            async with aclosing(self._follow(self._other, request, self._trial, "other")) as pieces:
                async for piece in pieces:
                    spoken = spoken or isinstance(piece, Text | ToolCalls)
                    yield piece
            return
        except EngineFailed as failure:
            reason = failure.code
        if spoken:
            yield Restarted(reason=reason)
        # Its own failure would count as the usual side's: what follows is a rescue, and says nothing of either.
        async for piece in self._usual.stream(request):
            yield piece

    async def _follow(
        self, engine: Engine, request: EngineRequest, side: Side, name: str
    ) -> AsyncGenerator[Piece, None]:
        began = asyncio.get_running_loop().time()
        first_content_ms: float | None = None
        outcome = "left"
        try:
            async with aclosing(cast("AsyncGenerator[Piece, None]", engine.stream(request))) as pieces:
                async for piece in pieces:
                    if first_content_ms is None and isinstance(piece, Text | ToolCalls):
                        first_content_ms = (asyncio.get_running_loop().time() - began) * 1000
                    if isinstance(piece, Finished):
                        outcome = "answered"
                        side.note(first_content_ms)
                    yield piece
        except EngineFailed:
            outcome = "failed"
            side.note(None)
            raise
        finally:
            ANSWERS.labels(name, outcome).inc()
            self._look()

    def _look(self) -> None:
        if not self.ended and (reason := why_to_end(self._trial, self._rest, self._verge)):
            self.ended = reason
            ENDED.set(1)
            _log.warning("grey.ended", reason=reason, engine=self._other.name)

    async def close(self) -> None:
        """Close the idle connections of both."""
        await self._usual.close()
        await self._other.close()
