"""Questions for a price answered by the calculator itself, before any engine is asked: none of them does sums."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from typing import Protocol

from miaohui.conversations.asking import leaned_on, wanted
from miaohui.engines.ports import Engine
from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import EngineRequest, Finished, Piece, Started, Text, ToolUsed, Usage

ROUTE = "calculator"
_MANY = re.compile(
    r"(?:那|那么)?(?:如果|要是)?我?[买要来拿换]?((?:\d{1,3}|[一二两三四五六七八九十]+)[个件只台把张套盒双瓶箱份条])(?:[呢的吗]|要?多少钱|$)"
)


class Calculator(Protocol):
    """Knows prices and offers."""

    def answer(self, tenant_id: str, question: str, locale: str) -> str:
        """The sum with its steps; empty when the question asks for none, or does not say enough."""
        ...


class Quoting:
    """See `engines.ports.Engine`. What the calculator cannot read goes through as it is."""

    def __init__(self, engine: Engine, calculator: Calculator) -> None:
        self._engine = engine
        self._calculator = calculator
        self.name = engine.name

    def stream(self, request: EngineRequest) -> AsyncIterator[Piece]:
        """One answer."""
        told = self._count(request) if request.grounded else ""
        return _say(told) if told else self._engine.stream(request)

    def _count(self, request: EngineRequest) -> str:
        """“三个呢” after the price of one thing asks for three of it."""
        answer = partial(self._calculator.answer, request.tenant_id, locale=request.locale)
        told = answer(request.question)
        if told or (many := _MANY.match(wanted(request.question))) is None:
            return told
        earlier = (one.content for one in reversed(request.messages[:-1]) if one.role == "user")
        before = leaned_on(request.question, earlier)
        return answer(many[1] + before) if before and answer(before) else ""

    async def close(self) -> None:
        """Close the engine."""
        await self._engine.close()


async def _say(told: str) -> AsyncGenerator[Piece, None]:
    yield Started(attempt=1, route=ROUTE)
    yield ToolUsed(name="calculate_price", outcome="done", took_ms=0.0)
    yield Text(told)
    usage = Usage(input_tokens=0, output_tokens=estimate_tokens(told), estimated=True)
    yield Finished(route=ROUTE, reason="stop", usage=usage, first_content_ms=0.0)
