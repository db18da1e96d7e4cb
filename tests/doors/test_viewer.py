"""The API's viewer in a browser: it reads the document, tries a request, and can be used by everybody."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from tests.doors.building import Building

from miaohui.channels.server import Server, bind

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(building: Building) -> AsyncIterator[str]:
    server = Server(building.again(drain_seconds=0.1).app, bind("127.0.0.1", 0))
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(server.serve(ready.set_result))
    yield await ready
    server.stop()
    async with asyncio.timeout(10):
        await task


@pytest_asyncio.fixture(params=["light", "dark"], loop_scope="session")
async def page(request: pytest.FixtureRequest, address: str) -> AsyncIterator[Page]:
    """The viewer, open on a phone in the dark or on a desk in the light; a fault in the page fails the test."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("no Chromium here: scripts/browser.sh puts it there where it may")
    from playwright.async_api import async_playwright

    faults: list[str] = []
    width = 1280 if request.param == "light" else 390
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        page = await browser.new_page(viewport={"width": width, "height": 844}, color_scheme=request.param)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        await page.goto(f"{address}/docs")
        await page.wait_for_selector("details")
        yield page
        await browser.close()
    assert faults == []


@pytest.mark.parametrize(("form", "shows"), [("application/json", '"outcome"'), ("text/event-stream", "event: end")])
async def test_a_question_can_be_asked_from_the_page(page: Page, building: Building, form: str, shows: str) -> None:
    await page.fill("#token", building.ours.key)
    operation = page.locator("details", has=page.locator("code", has_text="/v1/chat")).first
    await operation.locator("summary").click()
    await operation.locator("textarea").fill(json.dumps({"visitor_id": "viewer", "question": "如何退货?"}))
    await operation.get_by_label("Answer as").select_option(form)
    await operation.get_by_role("button", name="Try it").click()
    answer = operation.get_by_role("group", name="Answer", exact=True)
    await answer.get_by_text(shows).wait_for()
    assert (await answer.inner_text()).startswith("200 OK")


async def test_what_is_sought_is_found_and_the_rest_is_hidden(page: Page, building: Building) -> None:
    document = json.loads((await building.ask("GET", "/openapi.json")).body)
    operations = [
        f"{path} {operation.get('summary', '')} {operation.get('description', '')}".lower()
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]
    sought = sum("webhooks" in text for text in operations)
    await page.fill("#find", "webhooks")
    shown = page.locator("details:visible")
    assert 0 < await shown.count() == sought < len(operations)
    await page.fill("#find", "no such words")
    assert await shown.count() == 0


async def test_every_operation_opens_and_nothing_stands_in_anybodys_way(page: Page) -> None:
    summaries = await page.locator("summary").all()
    for summary in summaries[:12]:
        await summary.click()
    assert await page.locator("details[open]").count() == 12
    if AXE.is_file():
        # Evaluated, not added as a script: the page allows no script but its own.
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await page.evaluate("axe.run()")
        assert [violation["id"] for violation in found["violations"]] == []
    # All of them at once would keep axe for a minute.
    await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert await page.locator("details[open]").count() == len(summaries) > 100
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
