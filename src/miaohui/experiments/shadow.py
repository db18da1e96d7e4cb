"""What another engine would have said: asked after the answer, within a budget of its own, and heard by no visitor.

The other engine must be one that nobody else asks: its failures then open no breaker, and its answers enter no cache.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple, cast

import msgspec

from miaohui.engines.errors import EngineFailed
from miaohui.engines.ports import Engine
from miaohui.engines.types import NO_PARAMETERS, EngineRequest, Finished, Piece, Restarted, Text
from miaohui.experiments.policy import takes_part
from miaohui.experiments.ports import Findings
from miaohui.experiments.types import Comparison, Share
from miaohui.kit import metrics
from miaohui.kit.clock import Clock
from miaohui.kit.telemetry import get_log

SHADOWS = metrics.counter("miaohui_shadow_answers_total", "Shadow answers, by how they ended.", ("outcome",))

_log = get_log(__name__)


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What shadows may cost."""

    waiting: int = 100
    """Requests that may wait; more are dropped."""
    a_minute: int = 60
    """Requests in any minute; more are dropped."""
    answer_s: float = 60.0


class _Waiting(NamedTuple):
    request: EngineRequest
    route: str
    text: str


class Shadow:
    """See `engines.ports.Engine`. Answers as the usual engine does; `run` asks the other one afterwards."""

    def __init__(self, usual: Engine, other: Engine, share: Share, clock: Clock, findings: Findings) -> None:
        self._usual = usual
        self._other = other
        self._share = share
        self._clock = clock
        self._findings = findings
        self.budget = Budget()
        self.name = usual.name
        self._waiting: deque[_Waiting] = deque()
        self._asked_at: deque[float] = deque()
        self._news = asyncio.Event()

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """The usual answer, untouched."""
        watched = request.grounded and takes_part(self._share, request.conversation_id)
        said: list[str] = []
        async with aclosing(cast("AsyncGenerator[Piece, None]", self._usual.stream(request))) as pieces:
            async for piece in pieces:
                if watched:
                    self._overhear(piece, request, said)
                yield piece

    def _overhear(self, piece: Piece, request: EngineRequest, said: list[str]) -> None:
        match piece:
            case Text(text=text):
                said.append(text)
            case Restarted():
                said.clear()
            case Finished(route=route):
                self._put(_Waiting(request, route, "".join(said)))
            case _:
                pass

    def _put(self, waiting: _Waiting) -> None:
        now = self._clock.monotonic()
        while self._asked_at and self._asked_at[0] <= now - 60:
            self._asked_at.popleft()
        if len(self._waiting) >= self.budget.waiting or len(self._asked_at) >= self.budget.a_minute:
            SHADOWS.labels("dropped").inc()
            return
        self._asked_at.append(now)
        self._waiting.append(waiting)
        self._news.set()

    async def run(self) -> None:
        """Ask for one shadow after the other, until cancelled."""
        while True:
            while self._waiting:
                await self._ask(self._waiting.popleft())
            self._news.clear()
            await self._news.wait()

    async def _ask(self, waiting: _Waiting) -> None:
        # No tools: a shadow must not act, and what it would have called is in its words or nowhere.
        request = msgspec.structs.replace(waiting.request, parameters=NO_PARAMETERS, needs=(), personal=True)
        said: list[str] = []
        finished: Finished | None = None
        outcome = "finished"
        try:
            async with asyncio.timeout(self.budget.answer_s):
                async with aclosing(cast("AsyncGenerator[Piece, None]", self._other.stream(request))) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, Text):
                            said.append(piece.text)
                        elif isinstance(piece, Restarted):
                            said.clear()
                        elif isinstance(piece, Finished):
                            finished = piece
        except EngineFailed as failure:
            outcome = failure.code
        except TimeoutError:
            outcome = "out_of_time"
        except Exception as error:  # noqa: BLE001  whatever breaks in a shadow, the next one is asked
            _log.warning("shadow.failed", engine=self._other.name, exc_info=error)
            outcome = "broken"
        SHADOWS.labels("finished" if outcome == "finished" else "failed").inc()
        self._findings.note(_compare(waiting, "".join(said), outcome, finished, self._other.name))

    async def close(self) -> None:
        """Close the idle connections of both."""
        await self._usual.close()
        await self._other.close()


def _compare(waiting: _Waiting, text: str, outcome: str, finished: Finished | None, route: str) -> Comparison:
    return Comparison(
        turn_id=waiting.request.turn_id,
        tenant_id=waiting.request.tenant_id,
        route=waiting.route,
        text=waiting.text,
        shadow_route=finished.route if finished else route,
        shadow_text=text,
        shadow_outcome=outcome,
        shadow_first_content_ms=finished.first_content_ms if finished else 0.0,
        shadow_output_tokens=finished.usage.output_tokens if finished else 0,
    )
