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
        text = answer or compose_apology(request.question, request.sources, request.locale)
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


_NOTHING_TO_QUOTE = Failure(
    failure_class=FailureClass.TRANSIENT, code="no_provider", detail="no provider could answer this request"
)
