"""Short-term memory in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from miaohui.kit.clock import Clock
from miaohui.memory.types import Exchange

_SWEPT_AT_ONCE = 1_000


class _Kept:
    __slots__ = ("exchanges", "touched")

    def __init__(self, exchanges: tuple[Exchange, ...], touched: float) -> None:
        self.exchanges = exchanges
        self.touched = touched


class ShortTermMemory:
    """Bounded twice: by `most` conversations, of which the least recently used go first, and by idle time."""

    failures: ClassVar[tuple[type[Exception], ...]] = ()
    local: ClassVar[bool] = True

    def __init__(self, clock: Clock, *, turns: int = 10, idle_s: float = 1_800.0, most: int = 50_000) -> None:
        self._clock = clock
        self._turns = turns
        self._idle_s = idle_s
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def find(self, conversation_id: str) -> tuple[Exchange, ...] | None:
        kept = self._touch(conversation_id)
        return None if kept is None else kept.exchanges

    async def fill(self, conversation_id: str, exchanges: Sequence[Exchange]) -> None:
        self._kept[conversation_id] = _Kept(tuple(exchanges)[-self._turns :], self._clock.monotonic())
        self._kept.move_to_end(conversation_id)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    async def append(self, conversation_id: str, exchange: Exchange) -> None:
        kept = self._touch(conversation_id)
        if kept is not None:
            kept.exchanges = (*kept.exchanges, exchange)[-self._turns :]

    async def forget(self, conversation_id: str) -> None:
        self._kept.pop(conversation_id, None)

    async def sweep(self) -> int:
        oldest = self._clock.monotonic() - self._idle_s
        swept = 0
        while self._kept and swept < _SWEPT_AT_ONCE and next(iter(self._kept.values())).touched <= oldest:
            self._kept.popitem(last=False)
            swept += 1
        return swept

    def _touch(self, conversation_id: str) -> _Kept | None:
        kept = self._kept.get(conversation_id)
        if kept is None:
            return None
        now = self._clock.monotonic()
        if now - kept.touched >= self._idle_s:
            del self._kept[conversation_id]
            return None
        kept.touched = now
        self._kept.move_to_end(conversation_id)
        return kept
