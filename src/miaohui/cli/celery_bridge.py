"""For those who run Celery: every job of `wiring.jobs` is a task `miaohui.<job>`, done in one event loop beside Celery.

Only the moment of doing comes through the broker. What is to be done stands in the records: a lost, doubled or late
task loses and doubles nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import click

from miaohui.cli.output import Refused

if TYPE_CHECKING:
    from celery import Celery

    from miaohui.settings.types import Settings
    from miaohui.wiring.jobs import Bench, Job

PREFIX = "miaohui."
_JOB_S = 300.0
"""No round of a job takes longer."""


def work_for_celery(settings: Settings, *, beat: bool) -> None:
    """Work until told to stop."""
    url = settings.celery_url or settings.redis_url
    if not url:
        raise Refused("Say where the broker is: MIAOHUI_CELERY_URL=redis://… or amqp://…")
    try:
        import celery  # noqa: F401
    except ImportError:
        raise Refused("Celery is not here: pip install 'miaohui[celery]'") from None
    side = _Side(settings)
    app = build_celery(url, side)
    side.open()
    if beat:
        side.launch(side.keep_time(app))
    click.echo("Miaohui: a Celery worker is at work")
    try:
        app.Worker(pool="threads", concurrency=4, loglevel="WARNING", quiet=True, hostname="miaohui@%h").start()
    finally:
        side.close()


def build_celery(url: str, side: _Side | None = None) -> Celery:
    """The application; without a side it only knows the names, for whoever sends."""
    from celery import Celery

    from miaohui.wiring.jobs import JOBS

    app = Celery("miaohui", broker=url, backend=url if url.startswith("redis") else None)
    app.conf.update(
        task_default_queue="miaohui",
        task_acks_late=True,
        result_expires=300,
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
    )
    for job in JOBS:
        app.task(name=PREFIX + job.name, shared=False)(_task(job, side))
    return app


def _task(job: Job, side: _Side | None) -> Any:
    def do() -> int:
        """How many, where the job counts."""
        if side is None:
            raise LookupError("Only a worker does jobs.")
        done = side.do(job)
        return done if isinstance(done, int) else 0

    return do


class _Side:
    """The house, in an event loop of its own thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"jobs": "elsewhere"})
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="miaohui", daemon=True)
        self._stack = AsyncExitStack()
        self._bench: Bench | None = None
        self._ticking: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Open the house. Raises what `open_house` does."""
        self._thread.start()
        self._wait(self._open())

    async def _open(self) -> None:
        from miaohui.wiring import open_house
        from miaohui.wiring.jobs import build_bench

        house = await self._stack.enter_async_context(open_house(self._settings))
        self._bench = build_bench(house)

    def do(self, job: Job) -> object:
        """One round, from a thread of Celery's."""
        return self._wait(self._do(job))

    async def _do(self, job: Job) -> object:
        if self._bench is None:
            raise LookupError("The house is not open.")
        async with asyncio.timeout(_JOB_S):
            return await job.work(self._bench)

    def launch(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the jobs."""

        async def begin() -> None:
            from miaohui.kit.aio import spawn

            self._ticking.append(spawn(work, name="celery-beat"))

        self._wait(begin())

    async def keep_time(self, app: Celery) -> None:
        """Send each job when it is due; one that nobody took until the next is due is worth nothing."""
        from miaohui.wiring.jobs import JOBS

        async def keep(job: Job) -> None:
            while True:
                await asyncio.to_thread(app.send_task, PREFIX + job.name, expires=max(job.every_s, 5.0))
                await asyncio.sleep(job.every_s)

        async with asyncio.TaskGroup() as group:
            for job in JOBS:
                group.create_task(keep(job))

    def close(self) -> None:
        """Close the house."""
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        from miaohui.kit.aio import stop

        await stop(*self._ticking)
        if self._bench is not None:
            await self._bench.sender.close()
        await self._stack.aclose()

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
