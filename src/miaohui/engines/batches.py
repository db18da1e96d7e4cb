"""Many texts to one embedding model, some at a time."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, NamedTuple

from miaohui.engines.types import ChatMessage, EngineRequest, Finished, Vectors
from miaohui.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.engines.router import Router


class EmbeddingModel(NamedTuple):
    """Which vectors are wanted."""

    tenant_id: str
    name: str
    dimensions: int = 0
    """Numbers of each vector; 0: as many as the model has."""


class EmbeddedTexts(NamedTuple):
    """What came back."""

    vectors: tuple[bytes, ...]
    """One of each text, in their order: little-endian float32."""
    tokens: int
    """As the provider counts, or as we guess where it does not."""


async def embed_texts(router: Router, model: EmbeddingModel, texts: Sequence[str], batch: int) -> EmbeddedTexts:
    """At most `batch` texts to a request. Raises the last `EngineFailed`; then nothing has come back."""
    vectors: tuple[bytes, ...] = ()
    tokens = 0
    for start in range(0, len(texts), batch):
        async with aclosing(router.stream(_build(model, texts[start : start + batch]))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Vectors):
                    vectors += piece.of_messages
                elif isinstance(piece, Finished):
                    tokens += piece.usage.input_tokens
    return EmbeddedTexts(vectors, tokens)


def _build(model: EmbeddingModel, texts: Sequence[str]) -> EngineRequest:
    return EngineRequest(
        turn_id=new_id("embd"),
        tenant_id=model.tenant_id,
        question="",
        messages=tuple(ChatMessage("user", text) for text in texts),
        max_output_tokens=0,
        grounded=False,
        personal=True,
        embeds=model.name,
        dimensions=model.dimensions,
    )
