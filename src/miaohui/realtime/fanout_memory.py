"""One node: there is nobody else to tell."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miaohui.realtime.events import AnyEvent, Said
    from miaohui.realtime.ports import Receive


class MemoryFanout:
    """Says nothing, hears nothing."""

    alone = True

    def listen(self, conversation_id: str) -> None:
        pass

    async def joined(self, conversation_id: str) -> None:
        pass

    def forget(self, conversation_id: str) -> None:
        pass

    def wake(self, conversation_id: str, seq: int) -> None:
        pass

    def tell(self, conversation_id: str, event: Said) -> None:
        pass

    async def stream_so_far(self, stream_id: str) -> list[AnyEvent]:
        return []

    async def run(self, receive: Receive) -> None:
        await asyncio.Event().wait()
