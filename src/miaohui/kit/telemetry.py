"""Logs: one event per line, with what personal or secret values they might carry masked."""

from __future__ import annotations

import contextlib
import logging
import re
import select
import sys
from collections.abc import MutableMapping
from types import ModuleType
from typing import Any, cast

# structlog loads rich, when it is installed, for tracebacks not used here: a quarter of a second at each start.
_absent = object()
_rich = sys.modules.get("rich", _absent)
sys.modules["rich"] = None  # type: ignore[assignment]  # None says: not to be found
try:
    import structlog
finally:
    if _rich is _absent:
        del sys.modules["rich"]
    else:
        sys.modules["rich"] = cast("ModuleType", _rich)

_PIECE = 1_024
"""Characters. A pipe that has room at all has room for 4,096 bytes (POSIX's `PIPE_BUF` on Linux)."""
_SECRET_KEYS = re.compile(r"(?i)password|passwd|secret|token|authorization|cookie|api_?key|credential")
_PATTERNS = (
    (re.compile(r"\bmh_(?:live|test)_[A-Za-z0-9]+"), "mh_***"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{8,}"), "sk-***"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "jwt-***"),
    (re.compile(r"(?i)\bbearer\s+[^\s\"']+"), "Bearer ***"),
    (re.compile(r"://([^:/@\s]*):[^@/\s]+@"), r"://\1:***@"),
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"), "***@***"),
    (re.compile(r"(?<![\w.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?(\d{4})(?!\w)"), r"***\1"),
)


def mask(text: str) -> str:
    """`text` without keys, tokens, passwords in URLs, e-mail addresses and phone numbers."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def get_log(name: str) -> structlog.stdlib.BoundLogger:
    """The log of one module. Lazy: it may be taken before `setup`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(room=name))


def about(**ids: str) -> None:
    """Ids that every further line of this task carries, so that the lines of one turn or request are found together."""
    structlog.contextvars.bind_contextvars(**ids)


def setup(level: str = "info", *, json: bool = False) -> None:
    """Say which lines are written (`debug`, `info`, `warning`, `error`) and how; to standard error."""
    number = getattr(logging, level.upper())
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask_event,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_Stderr,
        cache_logger_on_first_use=False,
    )
    told = max(number, logging.WARNING)
    logging.basicConfig(level=told, format="%(levelname)s %(name)s %(message)s", stream=cast("Any", _page))


class _Page:
    """Standard error. Neither a closed pipe at its other end nor a full one may stop the work that is being told of."""

    def __init__(self) -> None:
        self._dropped = 0

    def write(self, text: str) -> None:
        """Write it, or drop it where nobody takes it; then say how many were dropped, as soon as somebody does."""
        with contextlib.suppress(OSError, ValueError):
            if self._dropped and self._put(f"log.dropped lines={self._dropped}\n"):
                self._dropped = 0
            if self._dropped or not self._put(text):
                self._dropped += 1

    def flush(self) -> None:
        """Nothing waits here."""

    def _put(self, text: str) -> bool:
        for start in range(0, len(text), _PIECE):
            if not _takes(sys.stderr):
                return False
            sys.stderr.write(text[start : start + _PIECE])
            sys.stderr.flush()
        return True


def _takes(stream: Any) -> bool:
    """Whether a piece can be written without waiting."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return True  # no file of the system's
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    return bool(poll.poll(0))


_page = _Page()


class _Stderr:
    """Writes lines."""

    def __init__(self, *_: Any) -> None:
        pass

    def msg(self, line: str) -> None:
        _page.write(line + "\n")

    debug = info = warning = warn = error = critical = exception = fatal = log = msg


structlog.configure(logger_factory=_Stderr)  # also before `setup`: standard output is for what a command has to say


def _mask_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = "***" if _SECRET_KEYS.search(key) else _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: "***" if _SECRET_KEYS.search(str(key)) else _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask(str(value))
