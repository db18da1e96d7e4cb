"""What an agent keeps of their own is there at every browser: what calls them, views with names, mentions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.moving import new_page, seated
from tests.e2e.place import Place, place_in
from tests.e2e.shop import fetch
from tests.e2e.test_pages import BUILT, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and BUILT.exists()), reason="needs Chromium and the built web pages"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place_in(tmp_path_factory.mktemp("own")) as here:
        yield here


@pytest.fixture(scope="module")
def seat(place: Place, browser: Browser) -> Iterator[BrowserContext]:
    with seated(browser, place.base, place.owner, viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture
def desk(place: Place, seat: BrowserContext) -> Iterator[Page]:
    """An owner in a browser that remembers nothing."""
    with new_page(seat, place.base) as agent:
        yield agent.page


def choose(page: Page, words: str) -> None:
    """In the menu of who is logged in."""
    page.get_by_role("button", name=re.compile("^我的账号")).click()
    page.get_by_role("menuitem", name=words).click()


def test_what_calls_one_is_chosen_once_for_every_browser(place: Place, desk: Page) -> None:
    choose(desk, "提醒规则…")
    dialog = desk.get_by_role("dialog", name="提醒规则")
    queue = dialog.get_by_role("checkbox", name="有人来排队: 提示音")
    expect(queue).to_be_checked()
    queue.uncheck()
    expect(queue).not_to_be_checked()
    dialog.get_by_label("离开多久算小憩").click()
    desk.get_by_title("10 分钟没动").click()
    expect(dialog.get_by_title("10 分钟没动").first).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("button", name=re.compile("^我的账号"))).to_be_focused()
    kept = place.ask("GET", "/v1/me/preferences")
    assert (kept["sounds"], kept["away_after_minutes"]) == (["given", "reply", "mention"], 10)
    place.ask("PATCH", "/v1/me/preferences", {"sounds": ["queue"], "away_after_minutes": 0})
    desk.reload()
    choose(desk, "提醒规则…")
    expect(queue).to_be_checked()
    expect(dialog.get_by_role("checkbox", name="我的会话有回复: 提示音")).not_to_be_checked()


def test_a_filter_gets_a_name_and_is_found_under_it(place: Place, desk: Page) -> None:
    desk.goto(f"{place.base}/console/conversations?status=open&priority=urgent")
    desk.get_by_role("button", name="筛选").click()
    desk.get_by_role("option", name="存为视图…").click()
    dialog = desk.get_by_role("dialog", name="我的视图")
    expect(dialog).to_contain_text("全部人工 · 紧急")
    dialog.get_by_label("名字").fill("着急的")
    dialog.get_by_role("button", name="存下").click()
    expect(dialog).to_have_count(0)
    desk.goto(f"{place.base}/console/conversations?status=waiting")
    desk.get_by_role("button", name=re.compile("^更多视图")).click()
    desk.get_by_role("option", name=re.compile("着急的")).click()
    expect(desk).to_have_url(re.compile("status=open.*priority=urgent"))
    desk.get_by_role("button", name=re.compile("^更多视图: 着急的")).click()
    desk.get_by_role("option", name="存为视图…").click()
    with desk.expect_response(lambda answer: answer.request.method == "PATCH" and "/me/preferences" in answer.url):
        dialog.get_by_role("button", name="删除“着急的”").click()
    expect(dialog.get_by_role("listitem")).to_have_count(0)
    assert place.ask("GET", "/v1/me/preferences")["views"] == []


def test_who_was_named_while_away_finds_it_and_reading_settles_it(place: Place, desk: Page) -> None:
    conversation = place.begin(place.visitor(), "我的快递呢", "转人工")
    colleague = place.facts["agents"][0]
    login = {"email": colleague["email"], "password": colleague["password"]}
    grant = fetch(f"{place.base}/v1/auth/login", body=login)
    note = {"text": f"@{place.ask('GET', '/v1/me')['name']} 这个你来吧", "note": True}
    place.ask("POST", f"/v1/conversations/{conversation}/messages", note, token=grant["access_token"])
    desk.goto(f"{place.base}/console/conversations?status=waiting")
    desk.get_by_role("button", name="提到我的: 1 条没看").click()
    desk.get_by_role("option", name=re.compile(f"{grant['person']['name']} 提到您")).click()
    expect(desk.get_by_text("这个你来吧")).to_be_visible()
    expect(desk.get_by_role("button", name="提到我的", exact=True)).to_be_visible()
    assert [one["seen"] for one in place.ask("GET", "/v1/desk/mentions")["data"]] == [True]


def test_a_company_without_a_mailbox_is_told_so_when_a_transcript_is_to_go_out(place: Place, desk: Page) -> None:
    conversation = place.begin(place.visitor(), "记录发我", "转人工")
    desk.goto(f"{place.base}/console/conversations/{conversation}?status=waiting")
    desk.get_by_role("button", name="发送聊天记录…").click()
    dialog = desk.get_by_role("dialog", name="把聊天记录寄给客户")
    send = dialog.get_by_role("button", name="寄出")
    dialog.get_by_label("收信邮箱").fill("nobody")
    expect(send).to_be_disabled()
    dialog.get_by_label("收信邮箱").fill("guest@example.com")
    send.click()
    expect(desk.get_by_text("还没有能寄信的邮箱")).to_be_visible()


def test_a_transcript_goes_to_the_address_that_is_known_and_says_so(place: Place, desk: Page) -> None:
    conversation = place.begin(place.visitor(), "记录发我", "转人工")
    contact = place.ask("GET", f"/v1/conversations/{conversation}")["contact"]["id"]
    place.ask("PATCH", f"/v1/contacts/{contact}", {"attributes": {"email": "guest@example.com"}})
    asked: list[Any] = []

    def send(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(status=204)

    desk.route("**/transcript", send)
    desk.goto(f"{place.base}/console/conversations/{conversation}?status=waiting")
    desk.get_by_role("button", name="发送聊天记录…").click()
    dialog = desk.get_by_role("dialog", name="把聊天记录寄给客户")
    expect(dialog.get_by_label("收信邮箱")).to_have_value("guest@example.com")
    dialog.get_by_role("button", name="寄出").click()
    expect(dialog).to_have_count(0)
    assert asked == [{"to": "guest@example.com"}]
    desk.unroute("**/transcript")


def test_a_company_turns_translation_off_and_on(place: Place, desk: Page) -> None:
    desk.goto(f"{place.base}/console/settings?tab=company")
    choice = desk.get_by_role("switch", name="让坐席用翻译")
    expect(choice).to_be_checked()
    choice.click()
    expect(choice).not_to_be_checked()
    assert place.ask("GET", "/v1/desk/translation")["why"] == "off_here"
    choice.click()
    expect(choice).to_be_checked()


def test_an_agent_changes_the_password_and_signs_in_with_it(place: Place, browser: Browser) -> None:
    one = place.facts["agents"][1]
    with browser.new_context(locale="zh-CN") as context:
        agent = Agent(context.new_page(), place.base).log_in(one["email"], one["password"])
        choose(agent.page, "修改密码…")
        dialog = agent.page.get_by_role("dialog", name="修改我的密码")
        dialog.get_by_label("现在的密码").fill("a guess at it")
        dialog.get_by_label("新密码").fill("another horse battery")
        dialog.get_by_role("button", name="保存").click()
        expect(agent.page.get_by_text("现在的密码不对。")).to_be_visible()
        dialog.get_by_label("现在的密码").fill(one["password"])
        dialog.get_by_role("button", name="保存").click()
        expect(agent.page.get_by_label("邮箱")).to_be_visible()
        agent.log_in(one["email"], "another horse battery")
