"""What the doctor looks at of what the settings name: misspelt variables, files, folders, and ways to the operators."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from miaohui.cli.doctor_ground import Seen
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from miaohui.settings.types import Settings

_NOT_HERE = frozenset({"MIAOHUI_CONFIG", "MIAOHUI_VERSION"})
"""Read elsewhere: by the loader of the settings, and by the compose file."""
_NOT_OURS = ("MIAOHUI_TEST_", "MIAOHUI_CONFORMANCE_")


async def check_names(_settings: Settings) -> Seen:
    """Every MIAOHUI_… variable is a setting; one that is misspelt would hold nowhere, and nobody would say so."""
    from miaohui.settings.service import given_names
    from miaohui.settings.types import Settings as Known

    known = {f"MIAOHUI_{name.upper()}" for name in Known.model_fields} | _NOT_HERE
    strange = [name for name in given_names() if name not in known and not name.startswith(_NOT_OURS)]
    if not strange:
        return "ok", "every MIAOHUI_… variable is a setting", ""
    near = difflib.get_close_matches(strange[0], sorted(known), n=1)
    mend = f"Did you mean {near[0]}?" if near else "docs/reference/settings.md has all."
    return "wrong", f"{', '.join(strange)}: no such setting", mend


async def check_named_files(settings: Settings) -> Seen:
    """Can be read as what they are."""
    looks: dict[str, tuple[Path | None, Callable[[Path], object]]] = {
        "MIAOHUI_WORDS_FILE": (settings.words_file, _read_words),
        "MIAOHUI_ENGINES_FILE": (settings.engines_file, _read_routes),
        "MIAOHUI_ORDERS_FILE": (settings.orders_file, _read_json),
        "MIAOHUI_KNOWLEDGE_FOLDER": (settings.knowledge_folder, _list_folder),
        "MIAOHUI_TRACE_FILE": (settings.trace_file, _look_beside),
    }
    named = {name: (path, look) for name, (path, look) in looks.items() if path is not None}
    for name, (path, look) in named.items():
        try:
            look(path)
        except MiaohuiError as error:
            return "wrong", f"{name}: {error.detail}", f"Mend {path}."
        except (OSError, ValueError) as error:
            says = getattr(error, "strerror", None) or str(error)
            return "wrong", f"{name} names {path}: {says}", "Name a file that whoever runs the server may read."
    return "ok", ", ".join(named) or "none is named", ""


def _read_words(path: Path) -> object:
    from miaohui.guard.words import read_words

    return read_words(path)


def _read_routes(path: Path) -> object:
    from miaohui.engines.book import read_file

    return read_file(path)


def _read_json(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))


def _list_folder(path: Path) -> object:
    return next(path.iterdir(), None)


def _look_beside(path: Path) -> None:
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(13, "it cannot be written")


async def check_alerts(settings: Settings) -> Seen:
    """Reach somebody."""
    from miaohui.wiring.seeing import build_ways

    async with AsyncExitStack() as stack:
        try:
            ways = [way.name for way in build_ways(settings, stack)]
        except MiaohuiError as error:
            return "wrong", error.detail, "A way needs all of its settings: docs/how-to/watch.md."
    if not ways:
        mend = "Set MIAOHUI_ALERT_SMTP_URL, …_WEBHOOK_URL, …_ROBOT_URL or …_SMS_URL."
        return "note", "nobody is told when something goes wrong", mend
    return "ok", f"told by {', '.join(ways)}; `miaohui alerts test` tries each", ""
