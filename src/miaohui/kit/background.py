"""Work that nobody waits for takes little more than what others leave of the processors."""

from __future__ import annotations

import os
import sys

_NICE = 19


def give_way() -> None:
    """From now on this process and what it starts come last.

    Nice, and not idle (`SCHED_IDLE`): beside a server that takes a whole processor an idle process never ends.
    """
    if sys.platform != "win32":
        os.nice(_NICE)
