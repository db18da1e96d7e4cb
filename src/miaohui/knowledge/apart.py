"""Work in a process of its own: what it takes, it gives back; what befalls it, befalls nobody else.

The process is this Python with our modules and without our environment, where secrets may stand.
"""

from __future__ import annotations

import subprocess
import sys

_BEGIN = (
    "import sys; from importlib import import_module; sys.path[:] = sys.argv[2:]; import_module(sys.argv[1]).main()"
)


class Failed(Exception):
    """It did not end well; the message says how it ended."""


def command(module: str) -> list[str]:
    """What starts `module.main()`."""
    return [sys.executable, "-c", _BEGIN, module, *sys.path]


def run(module: str, given: bytes, *, seconds: float) -> bytes:
    """What the module prints when it is given this. Waits for it. Raises `Failed`."""
    try:
        ended = subprocess.run(  # noqa: S603  (our own interpreter and a module of ours)
            command(module),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"took more than {seconds:.0f} seconds") from error
    except OSError as error:
        raise Failed(error.strerror or str(error)) from error
    if ended.returncode:
        raise Failed(describe_end(ended.returncode))
    return ended.stdout


def describe_end(code: int) -> str:
    """In a word or two."""
    return f"its reader was killed by signal {-code}" if code < 0 else f"its reader ended with {code}"
