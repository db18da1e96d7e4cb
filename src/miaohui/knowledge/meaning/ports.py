"""What comparing by meaning needs of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Embedder(Protocol):
    """An embedding model, of whichever provider."""

    @property
    def model(self) -> str:
        """Its name: vectors of another cannot be compared with its own."""
        ...

    async def embed(self, tenant_id: str, texts: Sequence[str]) -> list[bytes]:
        """A vector of each, 32-bit floats, little-endian. Raises `MiaohuiError`."""
        ...
