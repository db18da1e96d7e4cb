"""While too much is asked a line says so on every page of the console, and is gone when it is over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.place import Place, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CALM = {"step": "", "why": "", "since": "", "nodes": 0, "route": "extractive", "notices": []}
BUSY = {"step": "leave", "why": "lag", "since": "2026-01-01T08:00:00Z", "nodes": 2, "route": "extractive"}
NOTICE = {"zh-CN": "<b>支付</b>在维护", "en": "Payments are being mended"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One shop for all of this file."""
    with place_in(tmp_path_factory.mktemp("strain")) as made:
        yield made


def test_a_line_says_what_is_done_without_and_is_gone_when_that_is_over(browser: Browser, place: Place) -> None:
    said: dict[str, Any] = dict(CALM)
    with browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.clock.install()

        def tell(route: Route) -> None:
            route.fulfill(content_type="application/json", body=json.dumps(said))

        page.route("**/v1/insight/strain", tell)
        agent = Agent(page, place.base).log_in(place.owner["email"], place.owner["password"])
        line = page.get_by_role("status", name="过载")
        expect(line).to_have_text("")
        said |= BUSY | {"notices": [NOTICE]}
        page.clock.fast_forward(11_000)
        expect(line).to_contain_text("访客看到的是“问题已经记下来了")
        expect(line).to_contain_text("服务器忙不过来")
        expect(line).to_contain_text("2 个节点")
        expect(line).to_contain_text("访客看到公告: “<b>支付</b>在维护”")
        said |= CALM
        page.clock.fast_forward(11_000)
        expect(line).to_have_text("")
        page.goto(f"{place.base}/console/insight")
        expect(page.get_by_text("负载")).to_be_visible()
        assert agent.faults == []
