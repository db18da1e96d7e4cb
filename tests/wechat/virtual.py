"""Virtual time in which the records' own thread is waited for: only when nobody works does time pass."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from miaohui.kit.database import Database, Operation, Params, Row

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        self.working = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self.working:
            return super().select(None if timeout is None or timeout > 0 else 0)
        ready = super().select(0)
        if not ready:
            self.passed += max(timeout, 0.0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time is what was slept."""

    def __init__(self) -> None:
        self.passing = _Selector()
        super().__init__(self.passing)

    def time(self) -> float:
        return self.passing.passed


class VirtualClock:
    """What the virtual loop says in which it was made, also to the thread that writes the records."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def now_ms(self) -> int:
        return 1_750_000_000_000 + round(self.monotonic() * 1000)

    def monotonic(self) -> float:
        return self._loop.time()


class CountedDatabase:
    """A database that says when it is at work."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.epoch = inner.epoch

    async def write(self, operation: Callable[[], Operation[T]], **options: Any) -> T:
        return await counted(self._inner.write(operation, **options))

    async def read(self, statement: Any, params: Params | None = None) -> Any:
        return await counted(self._inner.read(statement, params))

    async def close(self) -> None:
        await counted(self._inner.close())


async def counted(work: Coroutine[Any, Any, T]) -> T:
    """Await what really takes place."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.passing.working += 1
    try:
        return await work
    finally:
        loop.passing.working -= 1


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


__all__ = ["CountedDatabase", "Row", "VirtualClock", "VirtualLoop", "run_virtually"]
