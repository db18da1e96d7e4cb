"""A browser, the sample shop, and a window with the widget in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.shop import sample_shop
from tests.e2e.visitor import Visitor

import miaohui

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STATIC = Path(miaohui.__file__).parent / "static" / "widget"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

PATIENCE_MS = 15_000

Open = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of this machine."""
    sync_api = pytest.importorskip("playwright.sync_api")
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("no Chromium here: scripts/browser.sh puts it there where it may")
    # Five seconds are too few where others work beside.
    sync_api.expect.set_options(timeout=PATIENCE_MS)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of the running sample shop."""
    if not (STATIC / "widget.js").exists():
        pytest.skip("the widget is not built: make web")
    with sample_shop(tmp_path_factory.mktemp("shop")) as base:
        yield base


@pytest.fixture
def visit(browser: Browser, shop: str) -> Iterator[Open]:
    """Opens the shop as a new visitor; what goes wrong in the page fails the test."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_shop(
        *, base: str = shop, lang: str = "zh-CN", width: int = 1280, before: str = "", **options: Any
    ) -> Visitor:
        height = 844 if width < 500 else 800
        context = browser.new_context(viewport={"width": width, "height": height}, locale=lang, **options)
        contexts.append(context)
        page = context.new_page()
        if before:
            page.add_init_script(before)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{base}/demo/?lang={lang}")
        return Visitor(page)

    yield open_shop
    for context in contexts:
        context.close()
    assert faults == []
