"""What comes to mind for a turn, within a deadline; what is missing is named, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from miaohui.kit import metrics
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log
from miaohui.memory.ports import History
from miaohui.memory.short_term import ShortTerm
from miaohui.memory.types import Exchange, Recollection

_log = get_log(__name__)
_MISSED = metrics.counter(
    "miaohui_memory_missing_total", "Recalls that a memory had no part in, by memory.", ("memory",)
)
_short_term_missed = _MISSED.labels("short_term")


class Memory:
    """Short-term memory first; on a miss the record of the conversation, which then fills it."""

    def __init__(self, short_term: ShortTerm, history: History, *, turns: int = 10, deadline_s: float = 0.2) -> None:
        self._short_term = short_term
        self._history = history
        self._turns = turns
        self._deadline_s = deadline_s
        self._failures: tuple[type[Exception], ...] = (OSError, TimeoutError, MiaohuiError, *short_term.failures)

    @property
    def local(self) -> bool:
        """Whether the last turns are kept in this process."""
        return self._short_term.local

    async def recall(self, tenant_id: str, conversation_id: str, contact_id: str) -> Recollection:
        """The last turns, oldest first. Never raises for a memory that is slow or broken, never passes the deadline."""
        if self._short_term.local:
            kept = await self._short_term.find(conversation_id)
            if kept is not None:
                return Recollection(exchanges=kept)
        try:
            async with asyncio.timeout(self._deadline_s):
                return Recollection(exchanges=await self._recall_slowly(tenant_id, conversation_id))
        except self._failures as error:
            _short_term_missed.inc()
            _log.warning("memory.missing", memory="short_term", error=type(error).__name__)
            return Recollection(missing=("short_term",))

    async def remember(self, conversation_id: str, exchange: Exchange) -> None:
        """One more answered turn. When it cannot be kept, the conversation is read from the record next time."""
        if self._short_term.local:
            await self._short_term.append(conversation_id, exchange)
            return
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._short_term.append(conversation_id, exchange)
        except self._failures as error:
            _log.warning("memory.not_kept", error=type(error).__name__)

    async def forget(self, conversation_id: str) -> None:
        """Read the record the next time: something else than a turn of ours was said."""
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._short_term.forget(conversation_id)
        except self._failures as error:
            _log.warning("memory.not_forgotten", error=type(error).__name__)

    async def sweep(self) -> int:
        """Forget idle conversations; call it now and then. How many went."""
        return await self._short_term.sweep()

    async def _recall_slowly(self, tenant_id: str, conversation_id: str) -> tuple[Exchange, ...]:
        kept = None if self._short_term.local else await self._find(conversation_id)
        if kept is not None:
            return kept
        exchanges = tuple(await self._history.last_exchanges(tenant_id, conversation_id, self._turns))
        await self._fill(conversation_id, exchanges)
        return exchanges

    async def _find(self, conversation_id: str) -> tuple[Exchange, ...] | None:
        """None also when the shared memory is broken; half the deadline is left for the record."""
        try:
            async with asyncio.timeout(self._deadline_s / 2):
                return await self._short_term.find(conversation_id)
        except self._failures:
            return None

    async def _fill(self, conversation_id: str, exchanges: Sequence[Exchange]) -> None:
        """What was read is right even when it cannot be kept."""
        try:
            async with asyncio.timeout(self._deadline_s / 4):
                await self._short_term.fill(conversation_id, exchanges)
        except self._failures as error:
            _log.warning("memory.not_kept", error=type(error).__name__)
