"""One text through the engines into another language: within a deadline, few at a time, and paid for in the ledger."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

import msgspec

from miaohui.desk.errors import NoInterpreter, NotTranslated
from miaohui.engines.errors import EngineFailed
from miaohui.engines.types import Finished, Restarted, Text
from miaohui.kit import metrics
from miaohui.prompts.translate import compose_translation, read_translation

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from miaohui.engines.ports import Engine
    from miaohui.engines.types import EngineRequest, Piece
    from miaohui.prompts.translate import Rendered, Wanted

TRANSLATED = metrics.counter(
    "miaohui_translations_total", "Texts put into another language, by how it ended.", ("end",)
)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of translating, from the settings."""

    enabled: bool = True
    deadline_s: float = 20.0
    at_once: int = 8
    """Calls under way on this node; others wait within their deadline."""


class Interpreter:
    """Over the router itself: what a visitor said is neither kept in a cache of answers nor shared."""

    def __init__(self, engine: Engine, has_route: Callable[[str], bool], terms: Terms) -> None:
        self._engine = engine
        self._has_route = has_route
        self._terms = terms
        self._places = asyncio.Semaphore(terms.at_once)

    @property
    def enabled(self) -> bool:
        """Whether the installation translates at all."""
        return self._terms.enabled

    def has_engine(self, tenant_id: str) -> bool:
        """Whether there is a model that could."""
        return self._has_route(tenant_id)

    async def translate(self, wanted: Wanted) -> Rendered:
        """Raises `NoInterpreter`, `NotTranslated`."""
        if not self.has_engine(wanted.tenant_id):
            raise NoInterpreter("No model is set up that could translate. An administrator can add one.")
        try:
            async with asyncio.timeout(self._terms.deadline_s), self._places:
                rendered = read_translation(await self._ask(compose_translation(wanted)))
        except EngineFailed as failure:
            TRANSLATED.labels("failed").inc()
            raise NotTranslated("No model could translate this just now. Try again.", code="engines_unavailable") from (
                failure
            )
        except TimeoutError:
            TRANSLATED.labels("too_slow").inc()
            raise NotTranslated("Translating took too long. Try again.", code="too_slow") from None
        if not rendered.text:
            TRANSLATED.labels("empty").inc()
            raise NotTranslated("The model said nothing. Try again.", code="empty_translation")
        TRANSLATED.labels("done").inc()
        return rendered

    async def _ask(self, request: EngineRequest) -> str:
        said: list[str] = []
        stream = cast("AsyncGenerator[Piece, None]", self._engine.stream(request))
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                if isinstance(piece, Text):
                    said.append(piece.text)
                elif isinstance(piece, Restarted):
                    said.clear()
                elif isinstance(piece, Finished) and piece.reason == "length":
                    raise NotTranslated("The text is too long for the model.", code="translation_too_long")
        return "".join(said)
