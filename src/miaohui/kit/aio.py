"""Background tasks with an owner, and deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from miaohui.kit import metrics
from miaohui.kit.telemetry import get_log

T = TypeVar("T")

_log = get_log(__name__)
_tasks: set[asyncio.Task[Any]] = set()

FAILED = metrics.counter("miaohui_background_failures_total", "Background tasks that ended with an error.", ("task",))


def spawn(work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
    """Run `work` beside the caller. The task is kept alive; its failure is logged and counted under `name`."""
    task = asyncio.create_task(work, name=name)
    _tasks.add(task)
    task.add_done_callback(_ended)
    return task


def launch(work: Coroutine[Any, Any, object], *, name: str) -> None:
    """`spawn`, for work whose end nobody waits for."""
    spawn(work, name=name)  # type: ignore[unused-awaitable]


def _ended(task: asyncio.Task[Any]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        # A colon parts what a task does from which one it is: `turn:turn_01J…` counts as `turn`.
        FAILED.labels(task.get_name().partition(":")[0]).inc()
        _log.error("background.failed", task=task.get_name(), exc_info=error)


async def stop(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended; their errors were logged already."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """`work`'s result. Raises `TimeoutError` after `seconds`, having cancelled it."""
    async with asyncio.timeout(seconds):
        return await work
