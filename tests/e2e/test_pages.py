"""Every page of the console: accessible, in both languages, in the light and in the dark, on a desk and on a phone."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.moving import AXE, COUNT, check_accessible, go
from tests.e2e.shop import sample_shop

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src/miaohui/static/console/index.html"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and BUILT.exists() and AXE.exists()), reason="needs Chromium and the built web pages"
    ),
]

PAGES = (
    "conversations?status=waiting",
    "conversations?status=pending",
    "tickets",
    "tickets?look=board",
    "contacts",
    "contacts/{contact}",
    "knowledge",
    "knowledge?tab=try&q=%E6%80%8E%E4%B9%88%E9%80%80%E8%B4%A7",
    "knowledge?tab=drafts",
    "knowledge?tab=gaps",
    "knowledge?tab=health",
    "knowledge?tab=versions",
    "knowledge?edit=new",
    "assistants",
    "assistants?tab=tools",
    "assistants?tab=connectors",
    "assistants?tab=cases",
    "assistants?tab=prices",
    "assistants?tab=guard",
    "engines",
    "engines?tab=prices",
    "insight",
    "insight?tab=reviews",
    "settings",
    "settings?tab=inboxes&id={inbox}",
    "settings?tab=inboxes&id={telegram}",
    "settings?tab=inboxes&id={wecom}",
    "settings?tab=inboxes&id={mail}",
    "settings?tab=alerts",
    "settings?tab=rules",
    "settings?tab=people",
    "settings?tab=replies",
    "settings?tab=teams",
    "settings?tab=notices",
    "settings?tab=webhooks",
    "settings?tab=keys",
    "settings?tab=audit",
    "settings?tab=company",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The sample shop with a visitor who has said something, a draft, and what names them all."""
    data = tmp_path_factory.mktemp("pages")
    with sample_shop(data) as base:
        facts = wait_for_facts(data / "demo.json")
        visitor = ask(base, "POST", "/v1/widget/session", {"site_key": facts["site_key"]})
        conversation = ask(base, "POST", "/v1/conversations", {}, visitor["token"])["id"]
        path = f"/v1/conversations/{conversation}/messages"
        ask(base, "POST", path, {"text": "怎么退货?"}, visitor["token"])
        login = {name: facts["admin"][name] for name in ("email", "password")}
        token = ask(base, "POST", "/v1/auth/login", login)["access_token"]
        draft = {"title": "礼品卡", "text": "礼品卡三年有效。", "questions": ["礼品卡能用多久"]}
        ask(base, "POST", "/v1/knowledge/drafts", draft, token)
        inbox = ask(base, "GET", "/v1/inboxes", None, token)["data"][0]["id"]
        doors = {
            name: ask(base, "POST", "/v1/inboxes", {"name": name, "channel": name}, token)["id"]
            for name in ("telegram", "wecom", "mail")
        }
        ask(base, "POST", "/v1/ticket-rules", {"name": "投诉", "label": "投诉", "subject": "安抚客户"}, token)
        yield facts | doors | {"contact": visitor["contact"]["id"], "inbox": inbox, "conversation": conversation}


def wait_for_facts(file: Path) -> dict[str, Any]:
    """What the sample shop tells of itself, a moment after it answers."""
    for _ in range(100):
        if file.exists():
            break
        time.sleep(0.1)
    facts: dict[str, Any] = json.loads(file.read_text())
    return facts


def ask(base: str, method: str, path: str, body: dict[str, Any] | None, token: str = "") -> Any:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def desk(house: dict[str, Any], browser: Browser) -> Iterator[Page]:
    """A logged-in owner at a wide page, in Chinese and in the light."""
    with browser.new_context(locale="zh-CN", color_scheme="light", viewport={"width": 1440, "height": 900}) as context:
        context.add_init_script(COUNT)
        yield log_in(context.new_page(), house)


@pytest.fixture(scope="module")
def phone(house: dict[str, Any], browser: Browser) -> Iterator[Page]:
    """The same on a phone, in English and in the dark."""
    with browser.new_context(locale="en-US", color_scheme="dark", viewport={"width": 390, "height": 844}) as context:
        context.add_init_script(COUNT)
        yield log_in(context.new_page(), house)


def log_in(page: Page, house: dict[str, Any]) -> Page:
    page.goto(house["console_url"])
    page.locator("input[type=email]").fill(house["admin"]["email"])
    page.locator("input[autocomplete=current-password]").fill(house["admin"]["password"])
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_visible()
    return page


def open_page(page: Page, house: dict[str, Any], path: str) -> list[str]:
    """What went wrong while it was opened."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    go(page, path.format(**house))
    expect(page.locator("#main h1, #main [role=dialog] h2").first).to_be_attached()
    expect(page.locator("[role=tabpanel]:empty")).to_have_count(0)
    expect(page.locator(".ant-skeleton")).to_have_count(0)
    return faults


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_on_a_wide_screen(desk: Page, house: dict[str, Any], path: str) -> None:
    assert open_page(desk, house, path) == []
    check_accessible(desk)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_on_a_phone_in_the_dark(phone: Page, house: dict[str, Any], path: str) -> None:
    assert open_page(phone, house, path) == []
    check_accessible(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_article_is_written_published_and_found(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "knowledge?edit=new")
    desk.get_by_label("标题", exact=True).fill("净水器保修")
    desk.get_by_label("正文").fill("净水器整机保修五年, 滤芯不在保修范围。")
    desk.get_by_label("示例问题").fill("净水器保修几年\n\n净水器坏了怎么办")
    desk.get_by_role("button", name="存为草稿").click()
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.get_by_role("tab", name=re.compile("待发布")).click()
    expect(desk.get_by_role("button", name="净水器保修")).to_be_visible()
    desk.get_by_role("button", name=re.compile(r"^发布 \d+ 篇")).click()
    expect(desk.get_by_text("使用中")).to_be_visible()
    desk.get_by_role("button", name="改了什么").first.click()
    expect(desk.get_by_role("dialog")).to_contain_text("+净水器整机保修五年")
    open_page(desk, house, "knowledge?tab=try&q=%E5%87%80%E6%B0%B4%E5%99%A8%E4%BF%9D%E4%BF%AE%E5%87%A0%E5%B9%B4")
    expect(desk.get_by_role("status").filter(has_text="可以回答")).to_be_visible()


def test_files_are_imported_with_a_count_and_what_was_left_out(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "knowledge")
    desk.get_by_role("button", name="导入", exact=True).click()
    files: list[Any] = [
        {"name": "营业时间.md", "mimeType": "text/markdown", "buffer": "# 门店\n\n门店早九点到晚九点。".encode()},
        {"name": "坏.pdf", "mimeType": "application/pdf", "buffer": b"no pdf"},
    ]
    desk.locator("input[type=file]").set_input_files(files)
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("新增 1 篇")
    expect(dialog).to_contain_text("坏.pdf")
    expect(dialog).to_contain_text("2 / 2")


def test_an_assistant_is_renamed_and_greets_so(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "assistants")
    desk.get_by_label("开场白").fill("您好, 我是新来的小杉。")
    expect(desk.get_by_label("访客看到的样子")).to_contain_text("我是新来的小杉")
    desk.get_by_label("亲切").check()
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已保存, 下一句就用上")).to_be_visible()
    session = ask(house["base_url"], "POST", "/v1/widget/session", {"site_key": house["site_key"]})
    assert session["inbox"]["assistant"]["greeting"] == "您好, 我是新来的小杉。"


def test_a_tool_is_tried_with_arguments_of_ones_own(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "assistants?tab=tools")
    row = desk.get_by_role("listitem").filter(has_text="calculate").filter(has_text="精确计算")
    row.get_by_role("button", name="试一下").click()
    row.get_by_label("expression").fill("199 * 3")
    row.get_by_role("button", name="运行").click()
    expect(row.get_by_role("status")).to_contain_text("成功")
    expect(row.locator("pre")).to_contain_text("597")


def test_a_colleague_is_added_and_locked_out(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "settings?tab=people")
    desk.get_by_role("button", name="添加成员").first.click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("姓名").fill("新同事")
    dialog.get_by_label("邮箱").fill("new.colleague@yunshan.example")
    dialog.get_by_label("初始密码").fill("correct horse battery")
    dialog.get_by_role("button", name="添加成员").click()
    row = desk.get_by_role("listitem").filter(has_text="新同事")
    expect(row).to_be_visible()
    row.get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")


def test_everything_of_a_contact_is_erased_only_when_the_name_is_typed(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "contacts/{contact}")
    name = desk.locator("h1").inner_text()
    desk.get_by_role("button", name="清除数据").click()
    dialog = desk.get_by_role("dialog")
    erase = dialog.get_by_role("button", name="清除数据")
    expect(erase).to_be_disabled()
    dialog.get_by_role("textbox").fill(name)
    erase.click()
    expect(desk.get_by_text("已清除 1 个会话")).to_be_visible()


def test_the_palette_finds_a_part_of_a_page_by_its_name(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "tickets")
    desk.keyboard.press("Control+k")
    desk.get_by_role("combobox").fill("成员")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(r"settings\?tab=people"))


def test_the_arrows_go_along_the_parts_of_a_page(desk: Page, house: dict[str, Any]) -> None:
    open_page(desk, house, "knowledge")
    desk.get_by_role("tab", name="文章").focus()
    desk.keyboard.press("ArrowRight")
    expect(desk.get_by_role("tab", name="试问一句")).to_be_focused()
    desk.keyboard.press("End")
    expect(desk.get_by_role("tab", name="版本")).to_have_attribute("aria-selected", "true")
