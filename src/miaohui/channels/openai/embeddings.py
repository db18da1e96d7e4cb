"""`POST /v1/embeddings`: vectors of texts, for any program that speaks OpenAI's protocol.

A model is asked for by its own name, and no other stands in for it: vectors of two models cannot be compared. The model
that is built in knows spelling and no meaning, and needs nobody.
"""

from __future__ import annotations

import asyncio
from binascii import b2a_base64
from collections.abc import Sequence
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from miaohui.channels import policy
from miaohui.channels.openai import faults
from miaohui.channels.rates import headers_of
from miaohui.channels.reading import read_body
from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import ChatMessage, EngineRequest, Finished, Vectors
from miaohui.kit import metrics
from miaohui.kit.errors import FieldError, Invalid, MiaohuiError, NotFound, Throttled, Unavailable, Unreadable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log
from miaohui.knowledge.embedding import DIMENSIONS, embed
from miaohui.knowledge.segment import normalise

if TYPE_CHECKING:
    from miaohui.channels.bounds import Bounds
    from miaohui.channels.entrance import Entrance
    from miaohui.channels.services import Services
    from miaohui.identity.types import Principal

BUILT_IN = "miaohui-ngram-256"
MOST_TEXTS = 2_048
MOST_CHARACTERS = 32_768
"""Of one text."""
EMBEDDINGS = metrics.counter("miaohui_embeddings_total", "Requests for embeddings, by how they ended.", ("outcome",))
_ended = cache(EMBEDDINGS.labels)

_log = get_log(__name__)


class EmbeddingAsk(msgspec.Struct, frozen=True):
    """The body."""

    model: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    input: str | Annotated[list[Any], msgspec.Meta(min_length=1, max_length=MOST_TEXTS)]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, msgspec.Meta(ge=1, le=16_384)] | None = None


class _Made(NamedTuple):
    vectors: tuple[bytes, ...]
    tokens: int


_decode = msgspec.json.Decoder(EmbeddingAsk).decode


class Embeddings:
    """The endpoint."""

    def __init__(self, services: Services, bounds: Bounds, entrance: Entrance) -> None:
        self._services = services
        self._entrance = entrance
        self._most_running = bounds.running_turns
        self._running = 0
        self._batch = services.settings.embedding_batch

    async def create(self, request: Request) -> Response:
        """Answer one request."""
        headers: dict[str, str] = {"cache-control": "no-store"}
        try:
            principal = await self._entrance.principal(request)
            policy.check_right(principal, "completions")
            ask = read_embedding_ask(await read_body(request))
            self._check_model(principal.tenant_id, ask)
            await self._admit(principal, headers)
            made = await self._make(principal.tenant_id, ask)
        except MiaohuiError as error:
            _ended("refused" if error.status < 500 else "failed").inc()
            return faults.respond(error, headers)
        except Exception as error:  # noqa: BLE001  whatever broke, the client is owed an answer
            _log.error("embeddings.failed", exc_info=error)
            _ended("failed").inc()
            return faults.respond(MiaohuiError("This is a fault of ours. Try again."), headers)
        _ended("answered").inc()
        return Response(_encode(ask, made), headers=headers, media_type="application/json")

    def _check_model(self, tenant_id: str, ask: EmbeddingAsk) -> None:
        known = list_embedding_models(self._services, tenant_id)
        if ask.model not in known:
            detail = f"The model `{ask.model[:100]}` gives no embeddings here; ask for {', '.join(known)}."
            raise NotFound(detail, code="model_not_found", errors=[FieldError("model", ", ".join(known))])
        if ask.model == BUILT_IN and ask.dimensions not in {None, DIMENSIONS}:
            raise _wrong("dimensions", f"the model that is built in has {DIMENSIONS}")

    async def _admit(self, principal: Principal, headers: dict[str, str]) -> None:
        if self._running >= self._most_running:
            raise Unavailable("Too many requests are under way. Try again in a moment.", code="overloaded")
        limits = await self._services.guard.admit(principal)
        headers.update(headers_of(limits))
        for limit in limits:
            if not limit.allowed:
                detail = f"More than {limit.limit} requests in {limit.window_s} s. Wait a moment."
                raise Throttled(detail, retry_after_s=limit.retry_after_s)

    async def _make(self, tenant_id: str, ask: EmbeddingAsk) -> _Made:
        texts = [ask.input] if isinstance(ask.input, str) else ask.input
        self._running += 1
        try:
            if ask.model == BUILT_IN:
                vectors = await asyncio.to_thread(_embed_here, texts)
                return _Made(vectors, sum(map(estimate_tokens, texts)))
            made = _Made((), 0)
            for start in range(0, len(texts), self._batch):
                more = await self._ask(tenant_id, ask, texts[start : start + self._batch])
                made = _Made(made.vectors + more.vectors, made.tokens + more.tokens)
            return made
        finally:
            self._running -= 1

    async def _ask(self, tenant_id: str, ask: EmbeddingAsk, texts: Sequence[str]) -> _Made:
        routes = self._services.routes
        if routes is None:
            raise Unavailable("No provider of embeddings is connected.", code="engines_unavailable")
        request = EngineRequest(
            turn_id=new_id("embd"),
            tenant_id=tenant_id,
            question="",
            messages=tuple(ChatMessage("user", text) for text in texts),
            max_output_tokens=0,
            grounded=False,
            personal=True,
            embeds=ask.model,
            dimensions=ask.dimensions or 0,
        )
        vectors: tuple[bytes, ...] = ()
        async with aclosing(routes.embed(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Vectors):
                    vectors = piece.of_messages
                elif isinstance(piece, Finished):
                    return _Made(vectors, piece.usage.input_tokens)
        raise MiaohuiError("The engine ended without an end.")


def read_embedding_ask(body: bytes) -> EmbeddingAsk:
    """What the bytes ask for. Raises `Unreadable`, `Invalid` naming the field."""
    try:
        body.decode()
        ask = _decode(body)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise _wrong(path.rstrip("`").removeprefix("$."), detail) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("The body is not JSON in UTF-8.", errors=[FieldError("$", str(error)[:200])]) from None
    for place, text in enumerate([ask.input] if isinstance(ask.input, str) else ask.input):
        field = "input" if isinstance(ask.input, str) else f"input[{place}]"
        if not isinstance(text, str):
            raise _wrong(field, "text: numbers of tokens mean something to one model only")
        if not 0 < len(text) <= MOST_CHARACTERS:
            raise _wrong(field, f"1 to {MOST_CHARACTERS} characters")
    return ask


def list_embedding_models(services: Services, tenant_id: str) -> tuple[str, ...]:
    """What may be asked for."""
    connected = services.routes.embedding_models(tenant_id) if services.routes is not None else ()
    return (*connected, BUILT_IN)


def _embed_here(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(embed(normalise(text)).astype("<f4").tobytes() for text in texts)


def _encode(ask: EmbeddingAsk, made: _Made) -> bytes:
    as_text = ask.encoding_format == "base64"
    data = [
        {
            "object": "embedding",
            "index": place,
            "embedding": b2a_base64(vector, newline=False).decode()
            if as_text
            else np.frombuffer(vector, "<f4").tolist(),
        }
        for place, vector in enumerate(made.vectors)
    ]
    usage = {"prompt_tokens": made.tokens, "total_tokens": made.tokens}
    return msgspec.json.encode({"object": "list", "data": data, "model": ask.model, "usage": usage})


def _wrong(field: str, detail: str) -> Invalid:
    return Invalid(f"{field or 'The body'}: {detail[:300]}.", errors=[FieldError(field, detail[:300])])
