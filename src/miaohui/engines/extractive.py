"""An answer made of the knowledge base's own sentences: no network, no key, nothing invented."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.courtesies import answer_courtesy
from miaohui.engines.errors import failed
from miaohui.engines.excerpt import compose_answer, compose_apology
from miaohui.engines.records import tell_records
from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import EngineRequest, Finished, Piece, Started, Text, Usage

_PIECE = re.compile(r"\[\d+\]|[A-Za-z0-9'’\-]+[ ,.;:!?]*|[^A-Za-z0-9\[]{1,3}|\[")


class Extractive:
    """Answers from the request's sources; when they do not hold the answer, says so and offers a human."""

    def __init__(self, *, pace_s: float = 0.0, name: str = "extractive") -> None:
        """`pace_s`: the pause between two words, so that the stream can be watched."""
        self._pace_s = pace_s
        self.name = name

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """One answer, word by word. Raises `EngineFailed` when it is not one from passages that is asked for."""
        if not request.grounded:
            raise failed(_NOTHING_TO_QUOTE)
        yield Started(attempt=1, route=self.name)
        answer = answer_courtesy(request.question, request.locale) or _answer(request)
        text = answer or _decline(request)
        for piece in _PIECE.findall(text):
            yield Text(piece)
            if self._pace_s:
                await asyncio.sleep(self._pace_s)
        usage = Usage(input_tokens=0, output_tokens=estimate_tokens(text), estimated=True)
        yield Finished(
            route=self.name, reason="stop" if answer else "unknown_answer", usage=usage, first_content_ms=0.0
        )

    async def close(self) -> None:
        """Nothing is open."""


def _answer(request: EngineRequest) -> str:
    """From the visitor's own records first, then from the articles."""
    told = tell_records(request.records, request.question, request.locale)
    quoted = compose_answer(request.question, request.sources, request.locale) if request.answerable else ""
    return "\n\n".join(filter(None, (told, quoted)))


def _decline(request: EngineRequest) -> str:
    """An order is told to its owner alone, whom nobody has vouched for here."""
    if _ORDER.search(request.question) and not request.records:
        return _WHOSE[request.locale.startswith("zh")]
    return compose_apology(request.question, request.sources, request.locale)


_ORDER = re.compile(
    r"(?<![A-Za-z\d])[A-Za-z]{0,4}\d{10,24}(?!\d)|尾号\D{0,3}\d{3,8}(?!\d)|\bending (?:in|with) \d{3,8}\b"
)
_WHOSE = (
    (
        "That looks like an order number. I may only tell an order to the person who made it: please log in to the "
        "shop and ask me again, or I can hand you over to a human colleague, who will check who you are."
    ),
    "这看起来是一个订单号。订单只能告诉下单的本人：请先登录商城，再在这里问我；需要的话，我可以为您转接人工客服，由同事核对身份后查询。",
)
_NOTHING_TO_QUOTE = Failure(
    failure_class=FailureClass.TRANSIENT, code="no_provider", detail="no provider could answer this request"
)
