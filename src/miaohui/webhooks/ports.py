"""What this room needs of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from miaohui.webhooks.types import Answer, Delivery


class Post(Protocol):
    """Who carries a delivery out of the house; `posting.Poster` does."""

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        """One attempt; every failure is an answer."""
        ...


class Vault(Protocol):
    """Keeps secrets in the records so that nobody reads them there."""

    def seal(self, plain: bytes, place: str) -> str:
        """Text for a column; it opens at `place` only."""
        ...

    def open(self, sealed: str, place: str) -> bytes:
        """What was sealed. Raises `Unavailable`."""
        ...


class Alarm(Protocol):
    """Tells a company's operators that they should look."""

    async def ring(self, tenant_id: str, code: str, facts: Mapping[str, str]) -> None:
        """Best effort, soon."""
        ...
