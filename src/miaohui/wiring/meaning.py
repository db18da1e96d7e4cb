"""The embedding model by which passages are found where words do not meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from miaohui.engines.batches import EmbeddingModel, embed_texts
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
        made = await embed_texts(self._router, EmbeddingModel(tenant_id, self.model), texts, self._batch)
        return list(made.vectors)


def build_meaning(settings: Settings, router: Router) -> Meaning | None:
    """None where no model is named."""
    if not settings.knowledge_embedding:
        return None
    terms = Terms(settings.knowledge_embedding_sure, settings.knowledge_embedding_ms / 1000)
    embedder = RoutedEmbedder(router, settings.knowledge_embedding, settings.embedding_batch)
    return Meaning(embedder, settings.data / "knowledge", terms)
