"""The embed code that the console shows, pasted into a bare page of another origin."""

from __future__ import annotations

import functools
import http.server
import json
import re
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.conftest import STATIC
from tests.e2e.shop import fetch, sample_shop
from tests.e2e.test_desk import people_of
from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class House(NamedTuple):
    """A server, its folder, and who owns it."""

    base: str
    data: Path
    owner: dict[str, Any]


Publish = Callable[[str], str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of its own: its inboxes are changed here."""
    if not (STATIC / "widget.js").exists():
        pytest.skip("the pages are not built: make web")
    data = tmp_path_factory.mktemp("embed")
    with sample_shop(data) as base:
        yield House(base, data, people_of(data / "demo.json")["admin"])


@pytest.fixture
def publish(tmp_path: Path) -> Iterator[Publish]:
    """Puts a line into a bare page on a server of another origin; answers its address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def put(code: str) -> str:
        (tmp_path / "index.html").write_text(
            f"<!doctype html><html lang=zh-CN><title>别家的网页</title><p>正文</p>\n{code}\n</html>", encoding="utf-8"
        )
        serve = functools.partial(_Quiet, directory=str(tmp_path))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield put
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_code_from_the_console_works_on_a_bare_page_of_another_origin(
    house: House, browser: Browser, publish: Publish
) -> None:
    code = code_from_the_console(house, browser)
    assert re.fullmatch(r"<script async src=\"[^\"]+/widget\.js\" data-site=\"[\w-]+\"></script>", code)
    page = browser.new_page(locale="zh-CN")
    page.goto(publish(code))
    visitor = Visitor(page).open()
    visitor.ask("怎么退货?")
    assert "退货" in visitor.words_of(visitor.answer())
    page.close()


def test_a_page_of_an_origin_that_is_not_allowed_is_refused(house: House, browser: Browser, publish: Publish) -> None:
    inbox = "只许自家网站"
    login = fetch(f"{house.base}/v1/auth/login", body={name: house.owner[name] for name in ("email", "password")})
    fetch(f"{house.base}/v1/inboxes", token=login["access_token"], body={"name": inbox, "channel": "web"})
    allow_only(house, inbox, "https://shop.example")
    code = code_from_the_console(house, browser, inbox, "https://shop.example")
    page = browser.new_page(locale="zh-CN")
    foreign = publish(code)
    page.goto(foreign)
    with page.expect_event("requestfailed", lambda one: one.url.endswith("/v1/widget/session")):
        page.locator("#miaohui .bubble").click()
    expect(page.locator("#miaohui .window .cut.on")).to_be_visible()
    assert page.locator("#miaohui .window .said").count() == 0
    page.close()
    site = re.findall(r'data-site="([^"]+)"', code)[0]
    assert [session_from(house, site, origin) for origin in (foreign, "https://shop.example")] == [403, 200]


def test_the_preview_in_the_console_is_the_widget_itself(house: House, browser: Browser) -> None:
    with browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}) as context:
        agent = Agent(context.new_page(), house.base).log_in(house.owner["email"], house.owner["password"])
        open_inbox(agent)
        frame = agent.page.frame_locator("iframe")
        frame.locator("#miaohui .bubble").click()
        expect(frame.locator("#miaohui .said").first).to_be_visible()
        assert agent.faults == []


def code_from_the_console(house: House, browser: Browser, inbox: str = "云杉商城官网", shown: str = "任何网站") -> str:
    """What an owner copies there, beside who may embed it."""
    with browser.new_context(locale="zh-CN") as context:
        agent = Agent(context.new_page(), house.base).log_in(house.owner["email"], house.owner["password"])
        open_inbox(agent, inbox)
        expect(agent.page.locator("main")).to_contain_text(shown)
        code = agent.page.locator("code").filter(has_text="widget.js").inner_text()
        assert agent.faults == []
        return code


def session_from(house: House, site: str, origin: str) -> int:
    """The status a page of this origin is answered with, whatever its browser then shows of it."""
    headers = {"Content-Type": "application/json", "Origin": origin}
    body = json.dumps({"site_key": site}).encode()
    request = urllib.request.Request(f"{house.base}/v1/widget/session", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def open_inbox(agent: Agent, name: str = "云杉商城官网") -> None:
    """Its page in the settings."""
    agent.page.get_by_role("link", name="设置").click()
    agent.page.get_by_role("link", name=name).click()


def allow_only(house: House, inbox: str, origin: str) -> None:
    """Written where the server reads it, before anybody asked for this inbox."""
    with closing(sqlite3.connect(house.data / "miaohui.db")) as records, records:
        change = "UPDATE inboxes SET allowed_origins = ? WHERE name = ?"
        assert records.execute(change, (json.dumps([origin]), inbox)).rowcount == 1


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: what it serves is not looked at."""
