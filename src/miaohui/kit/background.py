"""Work that nobody waits for takes only what others leave of the processors."""

from __future__ import annotations

import contextlib
import os
import sys

_NICE = 19


def give_way() -> None:
    """From now on this process and what it starts come last.

    Niceness alone is not enough on Linux: who is woken waits until the slice of whoever runs is over, some milliseconds
    each time; only an idle one is pushed aside at once.
    """
    if sys.platform == "win32":
        return
    os.nice(_NICE)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a container may forbid it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
