"""Work in a process of its own: what it takes, it gives back; what befalls it, befalls nobody else.

The process is this Python with our modules and without our environment, where secrets may stand.
"""

from __future__ import annotations

import subprocess
import sys

_BEGIN = (
    "import sys; from importlib import import_module; sys.path[:] = sys.argv[3:]; "
    "sys.argv[2] and import_module('miaohui.kit.background').give_way(); import_module(sys.argv[1]).main()"
)
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""All that it has: one processor is enough."""


class Failed(Exception):
    """It did not end well; the message says how it ended."""


def command(module: str, *, background: bool = False) -> list[str]:
    """What starts `module.main()`; in the background whoever is being answered comes first."""
    return [sys.executable, "-c", _BEGIN, module, "behind" if background else "", *sys.path]


def run(module: str, given: bytes, *, seconds: float, background: bool = False) -> bytes:
    """What the module prints when it is given this. Waits for it. Raises `Failed`."""
    try:
        ended = subprocess.run(  # noqa: S603  (our own interpreter and a module of ours)
            command(module, background=background),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=ENVIRONMENT,
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
