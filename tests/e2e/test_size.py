"""What a visitor downloads, as gzip sends it."""

from __future__ import annotations

import gzip
import re

import pytest
from tests.e2e.conftest import STATIC

LOADER_BYTES = 3 * 1024
WINDOW_BYTES = 25 * 1024

needs_build = pytest.mark.skipif(not (STATIC / "widget.js").exists(), reason="the widget is not built: make web")


@needs_build
def test_the_loader_and_the_window_keep_to_their_budget() -> None:
    assert _weight("widget.js") <= LOADER_BYTES
    for locale in ("zh-CN", "en"):
        words = next(file.name for file in STATIC.glob(f"{locale}-*.js"))
        assert _weight("widget.js") + _weight("app.js") + _weight(words) <= WINDOW_BYTES


@needs_build
def test_nothing_else_is_fetched_to_show_the_window() -> None:
    app = (STATIC / "app.js").read_text(encoding="utf-8")
    assert re.findall(r"(?:^|;)import[\s{]", app) == []


def _weight(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 9))
