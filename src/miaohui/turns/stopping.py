"""Stopping an answer that another node is giving."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.kit.aio import launch
from miaohui.kit.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.conversations.types import Turn
    from miaohui.realtime.service import Realtime
    from miaohui.turns.records import TurnRecords

ASK_AGAIN_S = 1.0
"""Until a node is asked once more to stop a turn."""


class StopsElsewhere:
    """What nodes tell each other may be lost, so a stop is told again until its turn has ended."""

    def __init__(self, records: TurnRecords, realtime: Realtime, most_s: float) -> None:
        """`most_s`: the longest life of a turn, seconds."""
        self._records = records
        self._realtime = realtime
        self._most_s = most_s
        self._asked: set[str] = set()

    def ask(self, turn: Turn, stop: Callable[[str], None]) -> None:
        """Tell the other nodes, once however often it is asked; `stop` is for a turn that has come here meanwhile."""
        if turn.id in self._asked:
            return
        self._asked.add(turn.id)
        self._realtime.ask_stop(turn.conversation_id, turn.id)
        launch(self._ask_again(turn, stop), name=f"stopping:{turn.id}")

    async def _ask_again(self, turn: Turn, stop: Callable[[str], None]) -> None:
        try:
            with suppress(TimeoutError, Unavailable):
                async with asyncio.timeout(self._most_s):
                    while await self._goes_on(turn):
                        stop(turn.id)
                        self._realtime.ask_stop(turn.conversation_id, turn.id)
        finally:
            self._asked.discard(turn.id)

    async def _goes_on(self, turn: Turn) -> bool:
        await asyncio.sleep(ASK_AGAIN_S)
        now = await self._records.find_turn(turn.tenant_id, turn.id)
        return now is not None and now.state == "running"
