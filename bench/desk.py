"""How fast the console is beside ten thousand people who wait: `python -m bench.desk` (Chromium, built pages).

Prints when the first rows are painted after a load, and how long from a key pressed in the reply box to the paint that
shows it: quietly, with events coming in, and with events coming in after the whole list was read.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAITING = 10_000
EVENTS_PER_S = 50
AT_ONCE = 24
LOADS = 5
KEYS = 120
KEY_EVERY_S = 0.04
FREE = dict.fromkeys(("MIAOHUI_TENANT_MESSAGES_PER_MINUTE", "MIAOHUI_TENANT_BURST"), "10000000")

PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
WATCH_KEYS = """() => {
  window.lags = [];
  document.querySelector("textarea").addEventListener("keydown", () => {
    const pressed = performance.now();
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => window.lags.push(performance.now() - pressed);
      after.port2.postMessage(0);
    });
  }, true);
}"""
SCROLL = "() => { const list = document.querySelector('#main section'); list.scrollTop = list.scrollHeight; }"


class Waiting(NamedTuple):
    """One who waits for a person."""

    conversation: str
    token: str


def main() -> None:
    """Fill a shop with people who wait, then look at it as an agent does."""
    with TemporaryDirectory() as folder, _shop(Path(folder)) as shop:
        people = asyncio.run(_people(shop))
        print(f"{len(people)} conversations wait for a person")
        with sync_playwright() as playwright:
            executable = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            page = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}).new_page()
            _log_in(page, shop)
            _measure_loads(page, shop)
            page.locator("#main li a").first.click()
            page.get_by_role("textbox", name="回复访客").wait_for()
            page.evaluate(WATCH_KEYS)
            _measure_typing(page, "quiet")
            with _events(shop, people):
                _measure_typing(page, f"{EVENTS_PER_S} events/s")
                rows = _read_all(page)
                _measure_typing(page, f"{EVENTS_PER_S} events/s, {rows} rows read")
            browser.close()


@contextmanager
def _shop(folder: Path) -> Iterator[dict[str, Any]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "miaohui", "serve", "--demo", "--port", str(port), "--data", str(folder)]
    with (folder / "server.log").open("wb") as log:
        # Who asks much is not what is measured here.
        server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | FREE)  # noqa: TID251
        try:
            yield _await_facts(folder / "demo.json", f"http://127.0.0.1:{port}/readyz")
        finally:
            server.terminate()
            server.wait(30)


def _await_facts(written: Path, ready: str) -> dict[str, Any]:
    for _ in range(300):
        try:
            urllib.request.urlopen(ready, timeout=2).close()  # noqa: S310  our own address
            facts: dict[str, Any] = json.loads(written.read_text())
        except (OSError, ValueError):
            time.sleep(0.1)
        else:
            return facts
    raise RuntimeError("The server did not come up.")


async def _people(shop: dict[str, Any]) -> list[Waiting]:
    gate = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(shop["base_url"]) as session:

        async def come() -> Waiting:
            async with gate:
                opened = await _post(session, "/v1/widget/session", {"site_key": shop["site_key"]}, "")
                token = str(opened["token"])
                started = await _post(session, "/v1/conversations", {}, token)
                await _post(session, f"/v1/conversations/{started['id']}/handoff", {}, token)
                return Waiting(str(started["id"]), token)

        return list(await asyncio.gather(*(come() for _ in range(WAITING))))


async def _post(session: aiohttp.ClientSession, path: str, body: dict[str, str], token: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with session.post(path, json=body, headers=headers) as answer:
        answer.raise_for_status()
        found: dict[str, Any] = await answer.json()
        return found


def _log_in(page: Page, shop: dict[str, Any]) -> None:
    page.goto(shop["console_url"])
    page.locator("input[type=email]").fill(shop["admin"]["email"])
    page.locator("input[autocomplete=current-password]").fill(shop["admin"]["password"])
    page.keyboard.press("Enter")
    page.locator("#main li a").first.wait_for()


def _measure_loads(page: Page, shop: dict[str, Any]) -> None:
    painted: list[float] = []
    for _ in range(LOADS):
        page.goto(f"{shop['console_url']}conversations?status=waiting")
        page.locator("#main li a").first.wait_for()
        painted.append(page.evaluate(PAINTED))
    print(f"first rows painted after a load: {sorted(round(ms) for ms in painted)} ms")


def _measure_typing(page: Page, when: str) -> None:
    box = page.get_by_role("textbox", name="回复访客")
    box.click()
    page.evaluate("() => { window.lags.length = 0; }")
    for n in range(KEYS):
        page.keyboard.press("abcdefghij"[n % 10])
        time.sleep(KEY_EVERY_S)
    lags: list[float] = sorted(page.evaluate("window.lags"))
    middle, late = lags[len(lags) // 2], lags[int(len(lags) * 0.95)]
    print(f"key to paint, {when}: P50 {middle:.1f} ms, P95 {late:.1f} ms, most {lags[-1]:.1f} ms")
    box.fill("")


def _read_all(page: Page) -> int:
    rows = 0
    for _ in range(600):
        page.evaluate(SCROLL)
        time.sleep(0.1)
        now = page.evaluate("document.querySelector('#main section').scrollHeight / 64")
        if now == rows and rows >= WAITING // 2:
            break
        rows = round(now)
    return rows


@contextmanager
def _events(shop: dict[str, Any], people: list[Waiting]) -> Iterator[None]:
    """Those who wait go on writing, one after the other, from a thread of its own."""
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_write(shop, people, stop)))
    thread.start()
    try:
        time.sleep(2)
        yield
    finally:
        stop.set()
        thread.join()


async def _write(shop: dict[str, Any], people: list[Waiting], stop: threading.Event) -> None:
    began, said = time.monotonic(), 0
    async with aiohttp.ClientSession(shop["base_url"]) as session, asyncio.TaskGroup() as group:
        while not stop.is_set():
            one = people[said * 37 % len(people)]
            path = f"/v1/conversations/{one.conversation}/messages"
            group.create_task(_post(session, path, {"text": f"还在吗 {said}"}, one.token))
            said += 1
            await asyncio.sleep(max(0.0, began + said / EVENTS_PER_S - time.monotonic()))


if __name__ == "__main__":
    main()
