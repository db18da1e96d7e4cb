"""Locks between processes, held by an open file and let go by the system when its process ends, however it ends."""

from __future__ import annotations

import sys
from typing import IO, Any


def lock_file(file: IO[Any], *, wait: bool = False) -> None:
    """Take the file for this process. Raises `OSError` when another has it, unless told to wait."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  (exists there only)

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415  (exists there only)

        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
