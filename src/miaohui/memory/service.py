"""What comes to mind for a turn, within a deadline; what is missing is named, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar, cast

from miaohui.kit import metrics
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log
from miaohui.memory.ports import Business, History, LongMemory
from miaohui.memory.short_term import ShortTerm
from miaohui.memory.types import Exchange, Fact, MemoryName, Recollection

T = TypeVar("T")

_log = get_log(__name__)
_MISSED = metrics.counter(
    "miaohui_memory_missing_total", "Recalls that a memory had no part in, by memory.", ("memory",)
)


class Memory:
    """Three memories, asked side by side: the last turns, what the contact once said, what the company's systems know.

    Short-term memory first; on a miss the record of the conversation, which then fills it.
    """

    def __init__(  # noqa: PLR0913  (three memories and their bounds)
        self,
        short_term: ShortTerm,
        history: History,
        *,
        long_term: LongMemory | None = None,
        business: Business | None = None,
        turns: int = 10,
        deadline_s: float = 0.2,
    ) -> None:
        self._short_term = short_term
        self._history = history
        self._long_term = long_term
        self._business = business
        self._turns = turns
        self._deadline_s = deadline_s
        self._failures: tuple[type[Exception], ...] = (OSError, TimeoutError, MiaohuiError, *short_term.failures)

    @property
    def local(self) -> bool:
        """Whether the last turns are kept in this process."""
        return self._short_term.local

    def consult(self, business: Business) -> None:
        """From now on the company's own systems are asked too."""
        self._business = business

    async def recall(self, tenant_id: str, conversation_id: str, contact_id: str, question: str = "") -> Recollection:
        """What comes to mind for a question. Never raises for a slow or broken memory, never passes the deadline.

        Each memory has the whole deadline to itself, and what is missing is named.
        """
        kept = await self._short_term.find(conversation_id) if self._short_term.local else None
        facts = () if self._long_term is None else self._long_term.at_hand(tenant_id, contact_id, question)
        business = () if self._business is None else self._business.at_hand(tenant_id, contact_id, question)
        if facts is not None and business is not None:
            if kept is not None:
                return Recollection(exchanges=kept, facts=facts, business=business)
            exchanges = await self._within("short_term", self._recall_slowly(tenant_id, conversation_id))
            return _recollect(exchanges, facts, business)
        recalling = self._recall_slowly(tenant_id, conversation_id) if kept is None else _told(kept)
        slow_facts = self._recall_facts(tenant_id, contact_id, question) if facts is None else _told(facts)
        asked = self._recall_business(tenant_id, contact_id, question) if business is None else _told(business)
        return _recollect(
            *await asyncio.gather(
                self._within("short_term", recalling),
                self._within("long_term", slow_facts),
                self._within("business", asked),
            )
        )

    async def _within(self, name: MemoryName, recalling: Coroutine[Any, Any, T]) -> T | None:
        try:
            async with asyncio.timeout(self._deadline_s):
                return await recalling
        except self._failures as error:
            _MISSED.labels(name).inc()
            _log.warning("memory.missing", memory=name, error=type(error).__name__)
            return None

    async def _recall_facts(self, tenant_id: str, contact_id: str, question: str) -> tuple[Fact, ...]:
        return () if self._long_term is None else tuple(await self._long_term.recall(tenant_id, contact_id, question))

    async def _recall_business(self, tenant_id: str, contact_id: str, question: str) -> tuple[str, ...]:
        return () if self._business is None else tuple(await self._business.recall(tenant_id, contact_id, question))

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
        """Forget idle conversations, and learn of whom something is known; call it now and then. How many went."""
        if self._long_term is not None:
            try:
                await self._long_term.refresh()
            except self._failures as error:
                _log.warning("memory.not_refreshed", error=type(error).__name__)
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


async def _told(known: T) -> T:
    return known


def _recollect(
    exchanges: tuple[Exchange, ...] | None, facts: tuple[Fact, ...] | None, business: tuple[str, ...] | None
) -> Recollection:
    told = (("short_term", exchanges), ("long_term", facts), ("business", business))
    return Recollection(
        exchanges=exchanges or (),
        facts=facts or (),
        business=business or (),
        missing=tuple(cast("MemoryName", name) for name, one in told if one is None),
    )
