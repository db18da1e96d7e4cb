"""Says where the event loop is held up, while it is: by then the loop itself can say nothing.

A thread looks whether the loop has come round; when it has not for a second, it writes down what the loop's thread is
doing at that moment. The metric for lateness is `kit.metrics.LoopWatch`.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback

from miaohui.kit import metrics
from miaohui.kit.telemetry import get_log

STALLED = metrics.counter("miaohui_event_loop_stalls_total", "Times that the event loop was held up for a second.")
_FRAMES = 12
_PAUSE_S = 30.0
"""Between two that are written down: one that comes again and again fills no log."""
_log = get_log(__name__)


class StallWatch:
    """Watches over the loop that runs it. Times are seconds."""

    def __init__(self, *, after_s: float = 1.0, every_s: float = 0.25) -> None:
        self._after_s = after_s
        self._every_s = every_s
        self._round_at = time.monotonic()
        self._told_at = -_PAUSE_S
        self._over = threading.Event()

    async def run(self) -> None:
        """Until cancelled."""
        watched = threading.get_ident()
        self._round_at = time.monotonic()
        threading.Thread(target=self._watch, args=(watched,), name="stall-watch", daemon=True).start()
        try:
            while True:
                await asyncio.sleep(self._every_s)
                self._round_at = time.monotonic()
        finally:
            self._over.set()

    def _watch(self, watched: int) -> None:
        held = False
        while True:
            before = time.monotonic()
            if self._over.wait(self._every_s):
                return
            now = time.monotonic()
            late_s = now - self._round_at - self._every_s
            if now - before > self._every_s + self._after_s / 2:
                continue  # this thread got no time either: the process was stopped, or the machine is full
            if late_s >= self._after_s and not held:
                self._tell(watched, now, late_s)
            held = late_s >= self._after_s

    def _tell(self, watched: int, now: float, late_s: float) -> None:
        STALLED.inc()
        if now - self._told_at < _PAUSE_S:
            return
        self._told_at = now
        frame = sys._current_frames().get(watched)  # noqa: SLF001  (there is no other way to another thread's stack)
        stack = "".join(traceback.format_stack(frame, _FRAMES)) if frame is not None else ""
        _log.error("loop.held_up", seconds=round(late_s, 1), stack=stack)
