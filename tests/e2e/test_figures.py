"""What an operator narrows and offers in the console: figures by the address, offers by a form, VIPs in the list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.place import Place, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One shop for all of this file."""
    with place_in(tmp_path_factory.mktemp("figures")) as made:
        yield made


@pytest.fixture
def desk(place: Place, browser: Browser) -> Iterator[Page]:
    with browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}) as context:
        agent = Agent(context.new_page(), place.base).log_in(place.owner["email"], place.owner["password"])
        yield agent.page
        assert agent.faults == []


def test_figures_are_narrowed_and_the_address_keeps_it(desk: Page, place: Place) -> None:
    place.begin(place.visitor(), "怎么退货?")
    nobody = next(one["name"] for one in place.ask("GET", "/v1/desk/agents")["data"] if not one["load"])
    desk.goto(f"{place.base}/console/insight")
    desk.get_by_role("button", name=re.compile("^坐席")).click()
    desk.get_by_role("option", name=nobody).click()
    expect(desk).to_have_url(re.compile(r"agent=per_"))
    expect(desk.get_by_text("这样筛选没有会话")).to_be_visible()
    desk.reload()
    expect(desk.get_by_text("这样筛选没有会话")).to_be_visible()
    desk.get_by_role("button", name="清除筛选").click()
    expect(desk.get_by_role("heading", name="会话量")).to_be_visible()
    expect(desk).not_to_have_url(re.compile("agent="))


def test_an_offer_is_made_in_a_form_tried_with_its_steps_and_taken_back(desk: Page, place: Place) -> None:
    before = place.ask("GET", "/v1/prices")
    desk.goto(f"{place.base}/console/assistants?tab=prices")
    desk.get_by_role("button", name="新增优惠").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_text("给它起个名字。")).to_be_visible()
    dialog.get_by_label("名称").fill("新店满 100 减 9")
    dialog.get_by_label("减多少").fill("9")
    dialog.get_by_label("满多少才有").fill("100")
    dialog.get_by_label("优先级").fill("90")
    dialog.get_by_role("button", name="加一段日子").first.click()
    dialog.get_by_label("什么时候有: 从").fill("01-01")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_text("日子要写全, 先后要对。")).to_be_visible()
    dialog.get_by_label("什么时候有: 到").fill("12-31")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_have_count(0)
    row = desk.get_by_role("listitem").filter(has_text="新店满 100 减 9")
    expect(row).to_contain_text("满 100 减 9 · 01-01 至 12-31 · 优先级 90")
    after = place.ask("GET", "/v1/prices")
    added = next(one for one in after["offers"] if one["name"] == "新店满 100 减 9")
    assert (added["least_total"], added["cuts"][0]["amount"], added["priority"]) == (10_000, 900, 90)
    assert [one for one in after["offers"] if one["id"] != added["id"]] == before["offers"]
    assert after["products"] == before["products"]
    desk.get_by_label("访客会怎么问").fill("买一个电水壶多少钱?")
    desk.get_by_role("button", name="试一下").click()
    expect(desk.get_by_role("status").filter(has_text="新店满 100 减 9：−9 元")).to_be_visible()
    desk.get_by_role("button", name="删除“新店满 100 减 9”").click()
    expect(row).to_have_count(0)
    assert place.ask("GET", "/v1/prices") == before


def test_who_is_served_sooner_bears_a_sign_and_is_shown_alone(desk: Page, place: Place) -> None:
    dear, other = (place.begin(place.visitor(), "您好", "转人工") for _ in range(2))
    contact = place.ask("GET", f"/v1/conversations/{dear}")["contact"]["id"]
    place.ask("PATCH", f"/v1/contacts/{contact}", {"attributes": {"vip": "gold"}})
    desk.goto(f"{place.base}/console/conversations?status=waiting")
    row, plain = (desk.locator(f'a[href*="{one}"]') for one in (dear, other))
    expect(row).to_contain_text("贵宾")
    expect(plain).to_be_visible()
    expect(plain).not_to_contain_text("贵宾")
    desk.goto(f"{place.base}/console/conversations?status=waiting&vip=yes")
    expect(row).to_be_visible()
    expect(plain).to_have_count(0)
