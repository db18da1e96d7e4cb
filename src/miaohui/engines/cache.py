"""Asked before, answered at once: an engine in front of another, which asks it only what nobody asked of late.

A request that may be shared has a key. What was kept under it is told again as a stream; else it joins the flight of
those who ask the same now, and the answer is kept when it is whole and fit to be told to anybody. The key holds the
tenant and the knowledge version, so a published change makes every older answer unfindable, those under way too.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import cast

import msgspec

from miaohui.engines.cache_key import answer_key, may_be_shared
from miaohui.engines.cache_semantic import SemanticAnswers
from miaohui.engines.cache_store import AnswerStore, Kept
from miaohui.engines.coalesce import NOTHING, Flights
from miaohui.engines.ports import Engine
from miaohui.engines.types import EngineRequest, Finished, Piece, Restarted, Started, Text, ToolCalls
from miaohui.kit import metrics
from miaohui.kit.clock import Clock

PIECE_CHARS = 24
"""Of a kept answer told again: about what a provider sends between two looks at it."""

ASKED = metrics.counter(
    "miaohui_answer_cache_total",
    "Requests by where the answer came from: memory, redis, semantic, shared (a call under way), miss, bypass.",
    ("source",),
)
_BYPASS = ASKED.labels("bypass")


class CacheParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a cache is made of."""

    clock: Clock
    stores: tuple[AnswerStore, ...] = ()
    """The nearest first, which must answer at once; none keeps nothing and only shares what is under way."""
    flights: Flights | None = None
    """None: everybody who asks the same at once asks upstream."""
    semantic: SemanticAnswers | None = None
    answer_class: Callable[[str], str] = lambda _tenant_id: "any"
    """Who would answer this tenant, such as the model: another one's answers are not found. Empty: nobody whose answer
    is worth keeping, and the engine behind is asked each time."""
    may_keep: Callable[[EngineRequest, str, str], bool] = lambda _request, _route, _text: True
    """Whether this text of this route may be kept: no listed word, no answer of less than the routes asked first."""


class CachedEngine:
    """See `engines.ports.Engine`. A kept answer's route is `cache:` and who gave it; it cost no tokens."""

    def __init__(self, engine: Engine, parts: CacheParts) -> None:
        self._engine = engine
        self._parts = parts
        self._near, self._far = parts.stores[:1], parts.stores[1:]
        self.name = engine.name

    def stream(self, request: EngineRequest) -> AsyncIterator[Piece]:
        """Raises what the engine behind raises."""
        answer_class = self._parts.answer_class(request.tenant_id)
        if not answer_class or not may_be_shared(request):
            _BYPASS.inc()
            return self._engine.stream(request)
        return self._share(request, answer_key(request, answer_class))

    async def _share(self, request: EngineRequest, key: str) -> AsyncGenerator[Piece, None]:
        kept = await self._find(self._near, key)
        if kept is not None:
            for piece in replay(kept):
                yield piece
            return
        flights = self._parts.flights
        if flights is not None and flights.is_under_way(key):
            ASKED.labels("shared").inc()
        asked = self._ask(request, key) if flights is None else flights.follow(key, lambda: self._ask(request, key))
        async with aclosing(asked) as pieces:
            async for piece in pieces:
                yield piece

    async def _find(self, stores: tuple[AnswerStore, ...], key: str) -> Kept | None:
        for store in stores:
            kept = await store.find(key)
            if kept is not None:
                ASKED.labels(store.name).inc()
                return kept
        return None

    async def _ask(self, request: EngineRequest, key: str) -> AsyncGenerator[Piece, None]:
        """What is further away, then upstream."""
        kept = await self._find(self._far, key)
        if kept is not None:
            await self._keep(self._near, key, kept)
        elif self._parts.semantic is not None:
            kept = self._parts.semantic.find(request)
            if kept is not None:
                ASKED.labels("semantic").inc()
        if kept is not None:
            for piece in replay(kept):
                yield piece
            return
        ASKED.labels("miss").inc()
        async with aclosing(self._ask_upstream(request, key)) as pieces:
            async for piece in pieces:
                yield piece

    async def _ask_upstream(self, request: EngineRequest, key: str) -> AsyncGenerator[Piece, None]:
        said: list[str] = []
        kept: Kept | None = None
        tools = False
        async with aclosing(cast("AsyncGenerator[Piece, None]", self._engine.stream(request))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Text):
                    said.append(piece.text)
                elif isinstance(piece, Restarted):
                    said.clear()
                elif isinstance(piece, ToolCalls):
                    tools = True
                elif isinstance(piece, Finished) and not tools:
                    kept = self._judge(request, piece, "".join(said))
                    if kept is not None:
                        await self._keep(self._near, key, kept)
                yield piece
        if kept is not None:
            await self._keep(self._far, key, kept)
            if self._parts.semantic is not None:
                self._parts.semantic.keep(request, kept)

    def _judge(self, request: EngineRequest, finished: Finished, text: str) -> Kept | None:
        """What is kept of a whole answer; None when it is fit for this visitor only, or for nobody for long."""
        fit = finished.reason == "stop" and text.strip() and not finished.route.startswith("cache:")
        if not fit or not self._parts.may_keep(request, finished.route, text):
            return None
        return Kept(
            text=text,
            route=finished.route,
            output_tokens=finished.usage.output_tokens,
            knowledge_version=request.knowledge_version,
            kept_at_ms=self._parts.clock.now_ms(),
            question=request.question,
        )

    async def _keep(self, stores: tuple[AnswerStore, ...], key: str, kept: Kept) -> None:
        for store in stores:
            await store.keep(key, kept)

    async def close(self) -> None:
        """End what is under way, then close the engine behind."""
        if self._parts.flights is not None:
            await self._parts.flights.close()
        await self._engine.close()


def replay(kept: Kept) -> list[Piece]:
    """A kept answer as a stream of the same shape as when it was new, in two pieces at least."""
    route = f"cache:{kept.route}"
    pieces: list[Piece] = [Started(attempt=1, route=route)]
    pieces += [Text(text) for text in _cut(kept.text)]
    pieces.append(Finished(route=route, reason="stop", usage=NOTHING, first_content_ms=0.0))
    return pieces


def _cut(text: str) -> list[str]:
    size = max(1, min(PIECE_CHARS, -(-len(text) // 2)))
    return [text[i : i + size] for i in range(0, len(text), size)]
