"""An event loop whose time passes as fast as there is something to do, and a clock that shows it.

Records are written by a thread of their own: a story that needs them opens them with `counted` and wraps them into a
`CountedDatabase`, so that time stands still while they work.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from miaohui.kit.database import Database, Operation, Params

T = TypeVar("T")
_PATIENCE_S = 10.0
"""Real seconds; no thread of ours takes so long over one thing."""


class _Selector(selectors.DefaultSelector):
    """Instead of waiting it lets time pass, unless somebody outside of the loop is at work."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        self.working = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.working:
            return super().select(None if timeout is None or timeout > 0 else 0)
        if timeout is None:
            return self._wait_for_a_thread()
        ready = super().select(0)
        if not ready:
            self.passed += max(timeout, 0.0)
        return ready

    def _wait_for_a_thread(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Nobody sleeps: what may still come is a thread's end."""
        ready = super().select(_PATIENCE_S)
        if not ready:
            raise RuntimeError("everybody waits for ever")
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Nothing outside of this process may be waited for, but what is `counted`."""

    def __init__(self) -> None:
        self.passing = _Selector()
        super().__init__(self.passing)

    def time(self) -> float:
        """Seconds that have passed."""
        return self.passing.passed


class VirtualClock:
    """What the virtual loop says in which it was made, to other threads too; see `kit.clock.Clock`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def now_ms(self) -> int:
        """Of some day in 2025."""
        return 1_750_000_000_000 + round(self.monotonic() * 1000)

    def monotonic(self) -> float:
        """Seconds since the loop was made."""
        return self._loop.time()


class CountedDatabase:
    """A database during whose work no time passes."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.epoch = inner.epoch

    async def write(self, operation: Callable[[], Operation[T]], **options: Any) -> T:
        """See `Database.write`. Nobody waits for company: no time would pass meanwhile."""
        return await counted(self._inner.write(operation, **{**options, "patient": False}))

    async def read(self, statement: Any, params: Params | None = None) -> Any:
        """See `Database.read`."""
        return await counted(self._inner.read(statement, params))

    async def close(self) -> None:
        """Close what is inside."""
        await counted(self._inner.close())


async def counted(work: Coroutine[Any, Any, T]) -> T:
    """Await what takes place outside of the virtual loop, in its real time."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        raise TypeError("only a virtual loop counts")
    loop.passing.working += 1
    try:
        return await work
    finally:
        loop.passing.working -= 1


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Do it to its end, in no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
