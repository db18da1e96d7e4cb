"""Why a file is not taken.

MiaohuiError
├── Unsupported
│   └── FileRefused     file_kind file_runs file_encrypted file_broken file_empty
└── TooLarge            file_large
"""

from __future__ import annotations

from typing import ClassVar

from miaohui.kit.errors import Unsupported


class FileRefused(Unsupported):
    """What it is by its bytes is not taken here, whatever it is called; another file may be."""

    code = "file_kind"
    title: ClassVar[str] = "This file is not taken here"


def unknown() -> FileRefused:
    """Of no kind that is known."""
    return FileRefused("This is none of the kinds of files that are taken here.", code="file_kind")


def active(what: str) -> FileRefused:
    """It could do something where it is opened."""
    return FileRefused(f"{what} may do something where it is opened, and is not taken.", code="file_runs")


def encrypted() -> FileRefused:
    """Nobody could look into it."""
    return FileRefused("This file is locked with a password. Send it without one.", code="file_encrypted")


def broken() -> FileRefused:
    """It says of itself what it is not."""
    return FileRefused("This file is damaged: it cannot be opened. Send it once more.", code="file_broken")


def empty() -> FileRefused:
    """No bytes at all."""
    return FileRefused("This file is empty. Choose another one.", code="file_empty")
