"""The console in a real browser, on a real server: what an agent does in a working hour."""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.e2e.agent import Agent
from tests.e2e.moving import AXE, COUNT, check_accessible, new_page, seated
from tests.e2e.shop import sample_shop

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src/miaohui/static/console/index.html"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

WATCH_GROWTH = """() => {
  window.lengths = [];
  new MutationObserver(() => {
    const words = document.querySelector('[data-streaming] > div');
    if (words) window.lengths.push(words.textContent.length);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""Notes how long the streamed answer is, whenever the page changes."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and BUILT.exists() and AXE.exists()), reason="needs Chromium and the built web pages"
    ),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A server with the sample shop, and what `demo.json` says of it."""
    data = tmp_path_factory.mktemp("console")
    with sample_shop(data):
        yield json.loads((data / "demo.json").read_text())


@pytest.fixture(scope="module")
def seat(house: dict[str, Any], browser: Browser) -> Iterator[BrowserContext]:
    with seated(browser, house["base_url"], house["admin"], viewport={"width": 1440, "height": 900}) as context:
        yield context


@pytest.fixture
def desk(house: dict[str, Any], seat: BrowserContext) -> Iterator[Page]:
    """The console of a logged-in agent, in Chinese."""
    with new_page(seat, house["base_url"]) as agent:
        yield agent.page


def test_a_wrong_password_is_told_in_plain_words(house: dict[str, Any], browser: Browser) -> None:
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(house["console_url"])
        page.get_by_label("邮箱").fill(house["admin"]["email"])
        page.get_by_label("密码").fill("not the password")
        page.get_by_role("button", name="登录").click()
        alert = page.get_by_role("alert")
        expect(alert).to_have_text("邮箱或密码不对。")
        check_accessible(page)


def test_the_login_outlives_a_reload_and_ends_with_log_out(house: dict[str, Any], browser: Browser) -> None:
    with browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}) as context:
        agent = Agent(context.new_page(), house["base_url"])
        page = agent.log_in(house["admin"]["email"], house["admin"]["password"]).page
        page.reload()
        expect(page.get_by_role("navigation", name="主导航")).to_be_visible()
        assert "eyJ" not in json.dumps(page.evaluate("({...localStorage, ...sessionStorage})"))
        page.get_by_role("button", name=re.compile("^我的账号")).click()
        page.get_by_text("退出登录").click()
        expect(page.get_by_label("邮箱")).to_be_visible()
        page.reload()
        expect(page.get_by_label("邮箱")).to_be_visible()
        assert agent.faults == []


def test_a_visitors_conversation_appears_and_the_answer_streams_in(desk: Page, house: dict[str, Any]) -> None:
    visitor = Visitor(house)
    desk.get_by_role("navigation", name="会话视图").get_by_role("link", name="助手").click()
    visitor.say("你好, 我想先看看")
    row = _row(desk, visitor)
    row.click()
    expect(_bubbles(desk, "visitor").last).to_contain_text("我想先看看")
    whole = desk.locator('article[data-tone="assistant"]:not([data-streaming])')
    expect(whole).to_have_count(1)
    desk.evaluate(WATCH_GROWTH)
    visitor.say("怎么退货?")
    expect(_bubbles(desk, "visitor").last).to_contain_text("怎么退货")
    expect(whole.nth(1)).to_contain_text("退")
    lengths = desk.evaluate("window.lengths")
    assert len(set(lengths)) > 2
    assert lengths[0] < lengths[-1]
    check_accessible(desk)


def test_why_it_was_answered_so_stands_behind_the_answer(desk: Page, house: dict[str, Any]) -> None:
    visitor = Visitor(house)
    visitor.say("怎么退货?")
    _open(desk, house, visitor)
    desk.get_by_role("button", name="为什么这样答").first.click()
    drawer = desk.get_by_role("dialog")
    expect(drawer).to_contain_text("内容检查")
    expect(drawer).to_contain_text("片段与得分")
    check_accessible(desk)
    drawer.locator("ol ol button").first.click()
    expect(desk.get_by_role("dialog", name="引用的原文")).to_be_visible()


def test_an_agent_takes_over_replies_notes_and_hands_back(desk: Page, house: dict[str, Any]) -> None:
    visitor = Visitor(house)
    visitor.say("有人吗")
    _open(desk, house, visitor)
    expect(_bubbles(desk, "assistant").last).to_be_visible()

    desk.get_by_role("button", name="接管").click()
    expect(desk.get_by_text("由我处理")).to_be_visible()
    desk.keyboard.press("r")
    desk.keyboard.type("您好, 我是小杉店的同事")
    desk.keyboard.press("Control+Enter")
    expect(_bubbles(desk, "agent")).to_have_count(1)
    expect(_bubbles(desk, "agent").first).to_contain_text("小杉店的同事")

    desk.get_by_role("button", name="备注", exact=True).click()
    desk.keyboard.type("老客户, 优先")
    desk.keyboard.press("Control+Enter")
    expect(_bubbles(desk, "note")).to_have_count(1)

    seen = visitor.messages()
    assert any("小杉店的同事" in one["text"] for one in seen)
    assert all("优先" not in one["text"] for one in seen)

    desk.get_by_role("button", name="交还助手").click()
    expect(desk.get_by_text("智能助手正在接待")).to_be_visible()
    desk.get_by_role("button", name="解决").click()
    expect(desk.get_by_role("button", name="重新打开")).to_be_visible()
    desk.get_by_role("button", name="撤销").click()
    expect(desk.get_by_text("由我处理")).to_be_visible()


def test_who_asks_for_a_person_is_counted_and_stands_in_the_queue(desk: Page, house: dict[str, Any]) -> None:
    visitor = Visitor(house)
    visitor.say("转人工")
    desk.get_by_role("link", name="排队").click()
    row = _row(desk, visitor)
    expect(row).to_contain_text("未分配")
    expect(desk).to_have_title(re.compile(r"^\(\d+\+?\) "))
    desk.keyboard.press("j")
    expect(desk.get_by_role("textbox", name="回复访客")).to_be_visible()


def test_nothing_is_missed_while_the_network_is_away_and_drafts_stay(desk: Page, house: dict[str, Any]) -> None:
    visitor = Visitor(house)
    visitor.say("转人工")
    _open(desk, house, visitor)
    expect(_bubbles(desk, "visitor")).to_have_count(1)
    box = desk.get_by_role("textbox", name="回复访客")
    box.fill("写到一半")
    desk.context.set_offline(True)
    desk.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(desk.get_by_text("没有网络")).to_be_visible()
    visitor.say("还在吗")
    visitor.say("喂?")
    box.press("Control+Enter")
    expect(desk.get_by_text("连上后会自动再发")).to_be_visible()
    desk.context.set_offline(False)
    expect(_bubbles(desk, "visitor")).to_have_count(3, timeout=15_000)
    expect(desk.locator('article[data-tone="agent"]:not([data-state])')).to_have_count(1)
    box.fill("草稿")
    desk.get_by_role("button", name="备注", exact=True).click()
    desk.get_by_role("textbox", name="内部备注").fill("也是草稿")
    desk.get_by_role("button", name="回复", exact=True).click()
    desk.reload()
    expect(desk.get_by_role("textbox", name="回复访客")).to_have_value("草稿")


def test_the_knowledge_base_shows_what_it_would_find(desk: Page) -> None:
    desk.get_by_role("link", name="知识").click()
    expect(desk.get_by_role("table")).to_be_visible()
    check_accessible(desk)
    desk.get_by_role("tab", name="试问一句").click()
    desk.get_by_role("searchbox", name="试问一句").fill("怎么退货?")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status").filter(has_text="可以回答")).to_be_visible()
    expect(desk.get_by_text("BM25").first).to_be_visible()
    expect(desk).to_have_url(re.compile(r"[?&]q="))
    check_accessible(desk)


def test_an_api_key_is_shown_once(desk: Page, house: dict[str, Any]) -> None:
    desk.get_by_role("link", name="设置").click()
    desk.get_by_role("link", name="云杉商城官网").click()
    expect(desk.get_by_text(f'data-site="{house["site_key"]}"')).to_be_visible()
    check_accessible(desk)
    desk.get_by_role("tab", name="API 密钥").click()
    desk.get_by_role("button", name="新建密钥").click()
    desk.get_by_label("名称").fill("订单系统")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="新建密钥").click()
    expect(dialog.get_by_text(re.compile("^mh_live_"))).to_be_visible()
    plain = dialog.get_by_text(re.compile("^mh_live_")).inner_text()
    check_accessible(desk)
    dialog.get_by_role("button", name="已收好").click()
    expect(desk.get_by_role("heading", name="订单系统")).to_be_visible()
    expect(desk.get_by_text(plain)).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1440), ("light", 390), ("dark", 390)])
def test_it_is_accessible_in_english_in_the_dark_and_on_a_phone(
    house: dict[str, Any], browser: Browser, scheme: Any, width: int
) -> None:
    visitor = Visitor(house)
    visitor.say("How do I return an item?")
    with browser.new_context(locale="en-US", color_scheme=scheme, viewport={"width": width, "height": 844}) as context:
        context.add_init_script(COUNT)
        page = context.new_page()
        _log_in(page, house)
        check_accessible(page)
        _open(page, house, visitor)
        expect(_bubbles(page, "assistant").last).to_be_visible()
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox")).to_be_focused()
        check_accessible(page)
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        check_accessible(page)


class Visitor:
    """A visitor of the sample shop, over the widget's own REST."""

    def __init__(self, house: dict[str, Any]) -> None:
        self._base = house["base_url"]
        self._token = ""
        self._token = self._post("/v1/widget/session", {"site_key": house["site_key"]})["token"]
        self.conversation = self._post("/v1/conversations", {})["id"]

    def say(self, text: str) -> None:
        """Send a message."""
        self._post(f"/v1/conversations/{self.conversation}/messages", {"text": text})

    def messages(self) -> list[dict[str, Any]]:
        """What the visitor may read."""
        found: list[dict[str, Any]] = self._ask(f"/v1/conversations/{self.conversation}/messages", None)["data"]
        return found

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask(path, json.dumps(body).encode())

    def _ask(self, path: str, body: bytes | None) -> Any:
        headers = {"content-type": "application/json"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self._base + path, body, headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)


def _log_in(page: Page, house: dict[str, Any]) -> None:
    page.goto(house["console_url"])
    page.locator("input[type=email]").fill(house["admin"]["email"])
    page.locator("input[autocomplete=current-password]").fill(house["admin"]["password"])
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_visible()


def _open(page: Page, house: dict[str, Any], visitor: Visitor) -> None:
    page.goto(f"{house['console_url']}conversations/{visitor.conversation}?status=pending")


def _row(page: Page, visitor: Visitor) -> Locator:
    return page.locator(f'a[href*="{visitor.conversation}"]')


def _bubbles(page: Page, tone: str) -> Locator:
    return page.locator(f'article[data-tone="{tone}"]')
