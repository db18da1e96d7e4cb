"""Places where a test may kill the process, as `kill -9` would.

Each place registers itself at import; `MIAOHUI_CRASH_AT=name:n` kills the process at the n-th time it is reached,
counted from when the file that `MIAOHUI_CRASH_ARMED` names is there (from the start without one). The sweep in
`tests/faults` visits every registered place and fails when one was not hit.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

POINTS: dict[str, str] = {}
"""Every registered place and what has just happened there."""

_armed, _, _nth = os.environ.get("MIAOHUI_CRASH_AT", "").partition(":")
_left = int(_nth or 1)
_trigger = os.environ.get("MIAOHUI_CRASH_ARMED", "")


def point(name: str, meaning: str) -> Callable[[], None]:
    """Register a place; call what is returned when execution is there. Costs one empty call when not armed."""
    POINTS[name] = meaning
    return _strike if name == _armed else _pass


def _strike() -> None:
    global _left
    if _trigger and not os.path.exists(_trigger):  # noqa: PTH110  (nothing else is imported here)
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def _pass() -> None:
    return None
