"""`POST /v1/embeddings`: vectors of texts, for any program that speaks OpenAI's protocol.

A model is asked for by its own name, and no other stands in for it: vectors of two models cannot be compared. The model
that is built in knows spelling and no meaning, and needs nobody.
"""

from __future__ import annotations

import asyncio
from binascii import b2a_base64
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from miaohui.channels import policy
from miaohui.channels.openai import faults
from miaohui.channels.openai.admission import admit
from miaohui.channels.openai.decoding import decode_body, wrong
from miaohui.channels.reading import read_body
from miaohui.engines.batches import EmbeddedTexts, EmbeddingModel
from miaohui.engines.tokens import estimate_tokens
from miaohui.kit import metrics
from miaohui.kit.errors import FieldError, MiaohuiError, NotFound, Unavailable
from miaohui.kit.telemetry import get_log
from miaohui.knowledge.embedding import DIMENSIONS, embed
from miaohui.knowledge.segment import normalise

if TYPE_CHECKING:
    from miaohui.channels.bounds import Bounds
    from miaohui.channels.entrance import Entrance
    from miaohui.channels.services import Services
    from miaohui.engines.service import EngineRoutes

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
            self._check_room()
            await admit(self._services.guard, principal, headers)
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
            raise wrong("dimensions", f"the model that is built in has {DIMENSIONS}")

    def _check_room(self) -> None:
        if self._running >= self._most_running:
            raise Unavailable("Too many requests are under way. Try again in a moment.", code="overloaded")

    async def _make(self, tenant_id: str, ask: EmbeddingAsk) -> EmbeddedTexts:
        texts = [ask.input] if isinstance(ask.input, str) else ask.input
        self._running += 1
        try:
            if ask.model == BUILT_IN:
                vectors = await asyncio.to_thread(_embed_here, texts)
                return EmbeddedTexts(vectors, sum(map(estimate_tokens, texts)))
            model = EmbeddingModel(tenant_id, ask.model, ask.dimensions or 0)
            return await self._routes().embed(model, texts, self._batch)
        finally:
            self._running -= 1

    def _routes(self) -> EngineRoutes:
        if self._services.routes is None:
            raise Unavailable("No provider of embeddings is connected.", code="engines_unavailable")
        return self._services.routes


def read_embedding_ask(body: bytes) -> EmbeddingAsk:
    """What the bytes ask for. Raises `Unreadable`, `Invalid` naming the field."""
    ask = decode_body(_decode, body)
    for place, text in enumerate([ask.input] if isinstance(ask.input, str) else ask.input):
        field = "input" if isinstance(ask.input, str) else f"input[{place}]"
        if not isinstance(text, str):
            raise wrong(field, "text: numbers of tokens mean something to one model only")
        if not 0 < len(text) <= MOST_CHARACTERS:
            raise wrong(field, f"1 to {MOST_CHARACTERS} characters")
    return ask


def list_embedding_models(services: Services, tenant_id: str) -> tuple[str, ...]:
    """What may be asked for."""
    connected = services.routes.embedding_models(tenant_id) if services.routes is not None else ()
    return (*connected, BUILT_IN)


def _embed_here(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(embed(normalise(text)).astype("<f4").tobytes() for text in texts)


def _encode(ask: EmbeddingAsk, made: EmbeddedTexts) -> bytes:
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
