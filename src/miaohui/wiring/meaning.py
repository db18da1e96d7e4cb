"""The embedding model by which passages are found where words do not meet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from miaohui.engines.types import ChatMessage, EngineRequest, Vectors
from miaohui.kit.ids import new_id
from miaohui.knowledge.meaning.service import Meaning, Terms

if TYPE_CHECKING:
    from miaohui.engines.router import Router
    from miaohui.settings.types import Settings


class RoutedEmbedder:
    """See `knowledge.meaning.ports.Embedder`: through the routes, with their limits and ledger."""

    def __init__(self, router: Router, model: str, batch: int) -> None:
        self._router = router
        self._batch = batch
        self.model = model

    async def embed(self, tenant_id: str, texts: Sequence[str]) -> list[bytes]:
        """Some at a time. Raises `EngineFailed`."""
        made: list[bytes] = []
        for start in range(0, len(texts), self._batch):
            made += await self._ask(tenant_id, texts[start : start + self._batch])
        return made

    async def _ask(self, tenant_id: str, texts: Sequence[str]) -> tuple[bytes, ...]:
        request = EngineRequest(
            turn_id=new_id("embd"),
            tenant_id=tenant_id,
            question="",
            messages=tuple(ChatMessage("user", text) for text in texts),
            max_output_tokens=0,
            grounded=False,
            personal=True,
            embeds=self.model,
        )
        made: tuple[bytes, ...] = ()
        async with aclosing(self._router.stream(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Vectors):
                    made = piece.of_messages
        return made


def build_meaning(settings: Settings, router: Router) -> Meaning | None:
    """None where no model is named."""
    if not settings.knowledge_embedding:
        return None
    terms = Terms(settings.knowledge_embedding_sure, settings.knowledge_embedding_ms / 1000)
    embedder = RoutedEmbedder(router, settings.knowledge_embedding, settings.embedding_batch)
    return Meaning(embedder, settings.data / "knowledge", terms)
