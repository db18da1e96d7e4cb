"""What the engine tests share: a request, a client with tiny deadlines, and the end of a stream as a value."""

from __future__ import annotations

from typing import NamedTuple

from miaohui.engines.errors import EngineFailed
from miaohui.engines.openai import OpenAICompatible, OpenAIOptions
from miaohui.engines.ports import Engine
from miaohui.engines.types import ChatMessage, EngineRequest, Finished, Piece, Restarted, Source, Text

KEY = "sk-very-secret-0123456789"


def ask(question: str = "如何退货?", *sources: Source, answerable: bool = True, locale: str = "zh-CN") -> EngineRequest:
    return EngineRequest(
        turn_id="turn_1",
        tenant_id="tnt_1",
        question=question,
        messages=(ChatMessage("system", "你是客服"), ChatMessage("user", question)),
        sources=sources,
        answerable=answerable,
        locale=locale,
    )


def client(url: str, fault: str = "", **changes: float) -> OpenAICompatible:
    limits: dict[str, float] = {
        "connect_ms": 300,
        "first_content_ms": 250,
        "idle_ms": 250,
        "total_s": 2.0,
        "coalesce_ms": 10,
        **changes,
    }
    model = f"fault:{fault}" if fault else "sim"
    return OpenAICompatible(OpenAIOptions(url=url, model=model, key=KEY, **limits))  # type: ignore[arg-type]


class Told(NamedTuple):
    """A stream as it was seen by its reader."""

    pieces: list[Piece]
    text: str
    finished: Finished | None
    failure: EngineFailed | None


async def listen(engine: Engine, request: EngineRequest | None = None) -> Told:
    pieces: list[Piece] = []
    failure = None
    try:
        async for piece in engine.stream(request or ask()):
            pieces.append(piece)  # noqa: PERF401 -- what came before a failure counts too
    except EngineFailed as error:
        failure = error
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Restarted):
            texts.clear()
        elif isinstance(piece, Text):
            texts.append(piece.text)
    last = pieces[-1] if pieces else None
    return Told(pieces, "".join(texts), last if isinstance(last, Finished) else None, failure)


async def listen_once(engine: Engine, request: EngineRequest | None = None) -> Told:
    told = await listen(engine, request)
    await engine.close()
    return told
