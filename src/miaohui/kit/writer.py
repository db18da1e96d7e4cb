"""What every database's writer shares: a queued write, when to wait for company, and how results go back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from miaohui.kit import metrics
from miaohui.kit.database import Operation
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log

_log = get_log(__name__)

GROUP_SIZE = metrics.histogram(
    "miaohui_records_group_size", "Operations committed together.", buckets=(1, 2, 4, 8, 16, 32, 64)
)
COMMIT_SECONDS = metrics.histogram(
    "miaohui_records_commit_seconds",
    "From the start of a group's transaction to the end of its COMMIT.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2),
)
QUEUE_DEPTH = metrics.gauge("miaohui_records_queue_depth", "Writes accepted and not yet committed.")
FAILURES = metrics.counter("miaohui_records_failures_total", "Writes that failed, by reason.", ("reason",))


PATIENCE_S = 0.02
"""How long a patient write waits for company under load."""
_TOLD_TOGETHER = 64
"""Outcomes told before the event loop does something else."""


class RecordsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of a database."""

    queue_limit: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    """Writes that may wait; one more is refused with `overloaded`."""
    group_size: Annotated[int, msgspec.Meta(ge=1)] = 64
    """Operations committed together at the most."""
    group_wait_ms: float = 5.0
    """How long a group waits for company under load."""
    readers: int = 4
    """Read connections (threads on SQLite)."""
    log_bytes: int = 16 << 20
    """SQLite: so long is its log before it is folded into the file. Pages that are written again meanwhile, such as an
    index's last, go once; and a log that begins anew keeps that much of the disk, which is quicker than new room."""
    lanes: int = 8
    """A server: connections that write; writes of one key share a lane."""
    command_timeout_s: float = 30.0
    """A server: after this a statement has failed."""


class Write:
    """One operation on its way to the disk and back."""

    __slots__ = ("announce", "error", "future", "key", "operation", "result")

    def __init__(
        self,
        operation: Callable[[], Operation[Any]],
        key: str,
        announce: Callable[[Any], None] | None,
        future: asyncio.Future[Any],
    ) -> None:
        self.operation = operation
        self.key = key
        self.announce = announce
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None


class Pace:
    """Whether a group should wait for company: only when more is likely to come within the wait.

    A lone write commits at once; from about two expected arrivals per wait on, one fsync more is dearer than the wait.
    """

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._per_second = 0.0
        self._last = 0.0

    def is_busy(self, wait_s: float) -> bool:
        """Whether company is likely within that time."""
        return self._per_second * wait_s >= 2

    def wait_s(self, now: float) -> float:
        """Seconds to gather before a group begins at monotonic `now`."""
        return self._wait_s if self.is_busy(self._wait_s) and now - self._last < 1 else 0.0

    def note(self, size: int, now: float) -> None:
        """A group of `size` was taken."""
        elapsed = max(now - self._last, 1e-4)
        self._last = now
        keep = 0.8 if elapsed < 1 else 0.0
        self._per_second = keep * self._per_second + (1 - keep) * size / elapsed


class Patience:
    """Writes that nobody's next word waits for: they go along with the next one that is urgent, or when time is up.

    Half as many commits for the same turns. All that waits goes before what comes later, so the order stays.
    """

    def __init__(self, put: Callable[[Write], None], wait_s: float = PATIENCE_S) -> None:
        self._put = put
        self._wait_s = wait_s
        self._waiting: list[Write] = []
        self._until: asyncio.TimerHandle | None = None

    def put(self, write: Write) -> None:
        """Keep it for a while. As many as may wait for the writer may wait here."""
        self._waiting.append(write)
        if self._until is None:
            self._until = asyncio.get_running_loop().call_later(self._wait_s, self.end)

    def end(self) -> None:
        """Let them all go, in their order."""
        if self._until is not None:
            self._until.cancel()
            self._until = None
            waiting, self._waiting = self._waiting, []
            for write in waiting:
                self._put(write)


class Counter:
    """Writes under way, bounded; lives on the event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._untold: deque[Write] = deque()
        self.pending = 0

    def admit(self) -> None:
        """Take a place. Raises `Unavailable` when there is none."""
        if self.pending >= self._limit:
            FAILURES.labels("overloaded").inc()
            raise Unavailable("Too many writes are waiting; try again shortly.", code="overloaded", retry_after_s=1.0)
        self.pending += 1

    def deliver(self, group: Sequence[Write]) -> None:
        """Tell the outcome of a finished group in commit order, a few at a time, announcements before those who wait.

        Others get their turn on the loop in between: a slow disk makes groups of hundreds.
        """
        self.pending -= len(group)
        QUEUE_DEPTH.set(self.pending)
        begun = bool(self._untold)
        self._untold.extend(group)
        if not begun:
            self._tell()

    def _tell(self) -> None:
        few = [self._untold.popleft() for _ in range(min(len(self._untold), _TOLD_TOGETHER))]
        if self._untold:
            asyncio.get_running_loop().call_soon(self._tell)
        # Whoever waits goes on in the loop's next round, after the announcements, but before what these set going.
        for write in few:
            if write.future.done():
                continue
            if write.error is None:
                write.future.set_result(write.result)
            else:
                write.future.set_exception(write.error)
        for write in few:
            if write.announce is not None and write.error is None:
                try:
                    write.announce(write.result)
                except Exception:  # noqa: BLE001  (a watcher's fault is not the writer's)
                    _log.exception("records.announce_failed")

    async def finish(self) -> None:
        """Until all are told."""
        while self._untold:  # noqa: ASYNC110  (it comes with the next rounds of the loop)
            await asyncio.sleep(0)


def storage_unavailable(cause: BaseException) -> Unavailable:
    """What a caller is told when the disk or the server fails: nothing was stored, as far as can be known."""
    FAILURES.labels("storage").inc()
    error = Unavailable("The records cannot be written now; try again shortly.", code="storage", retry_after_s=1.0)
    error.__cause__ = cause
    return error
