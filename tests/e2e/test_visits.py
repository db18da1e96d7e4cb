"""An agent sees which page the visitor is on, live, as text; and not where the inbox does not want to know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.place import Place, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from tests.e2e.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOVE = """() => {
    history.pushState({}, '', '/demo/?item=42&reset_token=s3cret#card');
    document.title = '<img src=x onerror="window.hit=1"> 帆布鞋';
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One shop for all of this file."""
    with place_in(tmp_path_factory.mktemp("visits")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: Place) -> str:
    """The same one, for visitors."""
    return place.base


def test_the_page_is_shown_as_text_and_follows_the_visitor(browser: Browser, place: Place, visit: Open) -> None:
    visitor = visit().open()
    visitor.ask("转人工")
    expect(visitor.own).to_have_count(1)
    expect(visitor.own.locator(".ring")).to_have_count(0)  # the server has it
    here = place.ask("GET", "/v1/conversations", token=visitor.token())["data"][0]["id"]
    view = {"width": 1440, "height": 900}
    with browser.new_context(locale="zh-CN", viewport=view) as context:  # type: ignore[arg-type]
        agent = Agent(context.new_page(), place.base).log_in(place.owner["email"], place.owner["password"])
        agent.page.goto(f"{place.base}/console/conversations/{here}?status=open")
        where = agent.page.get_by_role("region", name="访客在哪里")
        expect(where.get_by_role("link")).to_have_text(re.compile(r"/demo/\?lang=zh-CN$"))
        expect(where).to_contain_text("Chrome")
        visitor.page.evaluate(MOVE)
        link = where.get_by_role("link")
        expect(link).to_have_attribute("href", f"{place.base}/demo/?item=42")
        assert (link.get_attribute("rel"), link.get_attribute("target")) == ("noopener noreferrer nofollow", "_blank")
        expect(where.get_by_text('<img src=x onerror="window.hit=1"> 帆布鞋')).to_be_visible()
        assert agent.page.evaluate("window.hit") is None
        assert "s3cret" not in agent.page.content()
        assert agent.faults == []


def test_an_inbox_that_does_not_want_to_know_is_not_told(place: Place, visit: Open) -> None:
    inbox = next(one for one in place.ask("GET", "/v1/inboxes")["data"] if one["site_key"] == "demo-site")
    place.ask("PATCH", f"/v1/inboxes/{inbox['id']}", {"pages": False})
    try:
        visitor = visit()
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.open().ask("你好")
        visitor.answer()
        visitor.page.evaluate(MOVE)
        visitor.page.wait_for_timeout(2_500)
        assert any(url.endswith("/v1/widget/session") for url in asked)
        assert not any(url.endswith("/v1/widget/page") for url in asked)
    finally:
        place.ask("PATCH", f"/v1/inboxes/{inbox['id']}", {"pages": True})
