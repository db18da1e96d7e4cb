"""The port behind which the last turns of the conversations at hand are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from miaohui.memory.types import Exchange


class ShortTerm(Protocol):
    """The last `turns` exchanges of each conversation, forgotten after some idle time. It may forget at any time."""

    failures: ClassVar[tuple[type[Exception], ...]]
    """What its calls raise when the store is broken, beside the common ones."""
    local: ClassVar[bool]
    """In this process: answers at once, never waits and never fails."""

    async def find(self, conversation_id: str) -> tuple[Exchange, ...] | None:
        """Oldest first; None when this conversation is not kept, which is not the same as empty."""
        ...

    async def fill(self, conversation_id: str, exchanges: Sequence[Exchange]) -> None:
        """Begin to keep a conversation, with what was said so far."""
        ...

    async def append(self, conversation_id: str, exchange: Exchange) -> None:
        """One more exchange. Ignored for a conversation that is not kept: it would look like all that was said."""
        ...

    async def forget(self, conversation_id: str) -> None:
        """Keep it no longer."""
        ...

    async def sweep(self) -> int:
        """Forget what has been idle too long; how many conversations that were."""
        ...
