"""Pictures that visitors send: chosen, pasted, dropped; shown at once, kept over cuts and reloads, refused in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.place import Place, place_in
from tests.e2e.test_pictures import SMALL, bring, file, png
from tests.e2e.test_text_always import CORPUS, check_inert
from tests.e2e.test_widget import AXE, violations
from tests.e2e.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page, Route
    from tests.e2e.conftest import Open
    from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALIVE = """root => [...root.querySelectorAll('*')].filter((one) =>
    [...one.attributes].some((its) => /^on/i.test(its.name) || /^\\s*(javascript|vbscript):/i.test(its.value)) ||
    (one.localName === 'img' && !one.src.startsWith(location.origin) && !/^(data|blob):/.test(one.src)) ||
    ['script', 'iframe', 'base', 'object', 'embed', 'math'].includes(one.localName)).map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One shop for all of this file."""
    with place_in(tmp_path_factory.mktemp("visitors_pictures")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: Place) -> str:
    """The same one, for visitors."""
    return place.base


def choose(visitor: Visitor, *files: dict[str, Any]) -> None:
    """By the button and the system's own dialog."""
    with visitor.page.expect_file_chooser() as chooser:
        visitor.window.locator(".add").click()
    chooser.value.set_files(list(files))  # type: ignore[arg-type]


def bring_into(page: Page, how: str, *files: dict[str, Any]) -> None:
    """Paste or drop them in the widget, once it takes them."""
    page.locator("#miaohui .add").wait_for()
    bring(page, how, *files, where="#miaohui")


def tray(visitor: Visitor) -> Locator:
    return visitor.window.locator(".tray li")


def settled(visitor: Visitor) -> Locator:
    """Pictures of the visitor's that the server shows."""
    return visitor.own.locator("img[src*='/v1/media/med_']")


def said(place: Place, visitor: Visitor) -> list[str]:
    """The visitor's words as the server has them, once none is on its way."""
    expect(visitor.own.locator(".ring")).to_have_count(0)
    here = place.ask("GET", "/v1/conversations", token=visitor.token())["data"][0]["id"]
    told = place.ask("GET", f"/v1/conversations/{here}/messages", token=visitor.token())["data"]
    return [one["text"] for one in told if one["sender"]["kind"] == "visitor"]


def test_pictures_are_chosen_pasted_and_dropped_and_go_with_one_message(
    visit: Open, place: Place, browser: Browser
) -> None:
    visitor = visit().open()
    choose(visitor, file("正面.png"), file("背面.png"))
    bring_into(visitor.page, "paste", file("粘贴.png"))
    bring_into(visitor.page, "dragover", file("拖入.png"))
    expect(visitor.window.get_by_text("松手，附件就放到这里")).to_be_visible()
    bring_into(visitor.page, "drop", file("拖入.png"))
    expect(tray(visitor)).to_have_count(4)
    tray(visitor).nth(1).get_by_role("button", name="不发 背面.png").click()
    visitor.ask("屏幕坏了，见图")
    expect(settled(visitor)).to_have_count(3)
    expect(tray(visitor)).to_have_count(0)
    assert visitor.own.count() == 1
    assert re.fullmatch(
        r"屏幕坏了，见图(\n!\[(正面|粘贴|拖入)\.png\]\(/v1/media/med_\w{32}\)){3}", said(place, visitor)[0]
    )
    assert settled(visitor).first.evaluate("one => one.decode().then(() => one.naturalWidth)") == 4
    visitor.answer()
    with browser.new_context(locale="zh-CN") as context:
        agent = Agent(context.new_page(), place.base).log_in(place.owner["email"], place.owner["password"])
        here = place.ask("GET", "/v1/conversations", token=visitor.token())["data"][0]["id"]
        agent.page.goto(f"{place.base}/console/conversations/{here}")
        expect(agent.bubbles("visitor").first.get_by_role("img")).to_have_count(3)
        agent.bubbles("visitor").first.get_by_role("button", name="看大图: 正面.png").click()
        expect(agent.page.get_by_role("dialog", name="正面.png")).to_be_visible()
        assert agent.faults == []


def test_a_picture_alone_is_answered_honestly_and_a_reload_shows_both(visit: Open, place: Place) -> None:
    visitor = visit().open()
    choose(visitor, file("屏幕.png"))
    visitor.window.get_by_role("button", name="发送").click()
    expect(settled(visitor)).to_have_count(1)
    assert "看不了" in visitor.words_of(visitor.answer())
    visitor.page.reload()
    visitor.open()
    expect(settled(visitor)).to_have_count(1)
    assert "看不了" in visitor.words_of(visitor.answer())


def test_a_picture_opens_large_and_escape_leaves_the_window_open(visit: Open, place: Place) -> None:
    visitor = visit().open()
    choose(visitor, file("照片.png", png(300, 200)))
    visitor.ask("看看")
    visitor.answer()
    settled(visitor).first.click()
    large = visitor.window.get_by_role("dialog", name="照片.png")
    expect(large.get_by_role("img")).to_be_visible()
    assert large.get_by_role("img").evaluate("one => one.naturalWidth") == 300
    visitor.page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(visitor.field).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "zh-CN",
            ("安装.exe 这种文件发不了", "假的.png 这种文件发不了", "动图.gif 是动图", "9 个附件，9.png 没有"),
        ),
        (
            "en",
            (
                "安装.exe cannot be sent",
                "假的.png cannot be sent",
                "动图.gif moves",
                "takes 9 attachments; 9.png was left out",
            ),
        ),
    ],
)
def test_what_is_no_picture_or_too_much_is_refused_in_words(
    visit: Open, place: Place, lang: str, told: tuple[str, ...]
) -> None:
    visitor = visit(lang=lang).open()
    refused = visitor.window.locator(".refused")
    tried = (
        [file("安装.exe", b"MZ ...", "application/pdf")],
        [file("假的.png", b"<svg onload=hit=1>")],
        [file("动图.gif", b"GIF89a" + bytes(800_000), "image/gif")],
        [file(f"{n}.png") for n in range(10)],
    )
    for words, files in zip(told, tried, strict=True):
        bring_into(visitor.page, "drop", *files)
        expect(refused).to_contain_text(words)
    expect(tray(visitor)).to_have_count(9)


def test_an_upload_shows_how_far_it_is_and_can_be_left_out(visit: Open, place: Place) -> None:
    visitor = visit().open()

    def hold(route: Route) -> None:
        """It never comes to an end by itself."""

    visitor.page.route("**/v1/files*", hold)
    choose(visitor, file("慢.png"))
    expect(visitor.window.get_by_role("progressbar", name="慢.png 正在上传")).to_be_visible()
    visitor.window.get_by_role("button", name="不发 慢.png").click()
    expect(tray(visitor)).to_have_count(0)
    assert visitor.inside("root => root.activeElement.matches('.add')"), "what had the focus is gone"
    choose(visitor, file("慢.png"))
    visitor.ask("等图")
    expect(visitor.own.get_by_role("progressbar")).to_be_visible()
    expect(visitor.own).to_contain_text("等图")
    assert visitor.own.locator("img[src^='blob:']").count() == 1
    visitor.own.get_by_role("button", name="删除").click()
    expect(visitor.own).to_have_count(0)
    visitor.page.unroute("**/v1/files*")
    visitor.ask("算了")
    visitor.answer()
    assert said(place, visitor) == ["算了"]


def test_a_cut_and_a_reload_in_the_middle_lose_and_double_nothing(visit: Open, place: Place) -> None:
    wire = Wire(int(place.base.rsplit(":", 1)[1]))
    try:
        visitor = visit(base=f"http://127.0.0.1:{wire.port}").open()
        visitor.ask("如何退货？")
        visitor.answer()
        wire.cut()
        choose(visitor, file("断网.png", png(40, 30)))
        visitor.ask("断网时的图")
        expect(visitor.own.last).to_contain_text("网络断了", timeout=30_000)
        assert visitor.own.last.locator("img[src^='blob:']").count() == 1
        wire.mend()
        visitor.page.reload()
        expect(visitor.bubble).to_be_visible()
        place_said = ["如何退货？", "断网时的图"]
        visitor.page.wait_for_function("() => !localStorage.getItem('miaohui:demo-site:pictures')", timeout=20_000)
        visitor.open()
        expect(settled(visitor)).to_have_count(1)
        visitor.answer(1)
        assert [one.split("\n")[0] for one in said(place, visitor)] == place_said
        visitor.page.reload()
        visitor.open()
        expect(visitor.own).to_have_count(2)
    finally:
        wire.close()


def test_an_upload_that_fails_is_tried_again_by_hand(visit: Open, place: Place) -> None:
    visitor = visit().open()
    visitor.page.route("**/v1/files*", lambda route: route.fulfill(status=422, json={"code": "invalid", "status": 422}))
    choose(visitor, file("坏.png"))
    visitor.window.get_by_role("button", name="重新上传 坏.png").wait_for()
    visitor.ask("请看")
    expect(visitor.own.get_by_role("alert")).to_contain_text("没传上去")
    visitor.page.unroute("**/v1/files*")
    visitor.own.get_by_role("button", name="重试").click()
    expect(settled(visitor)).to_have_count(1)
    assert len(said(place, visitor)) == 1


def test_where_an_inbox_takes_none_there_is_no_button(visit: Open, place: Place) -> None:
    (inbox,) = [one for one in place.ask("GET", "/v1/inboxes")["data"] if one["site_key"] == "demo-site"]
    before = visit().open()
    expect(before.window.locator(".add")).to_be_visible()
    place.ask("PATCH", f"/v1/inboxes/{inbox['id']}", {"pictures": False, "files": False})
    try:
        after = visit().open()
        after.ask("如何退货？")
        after.answer()
        assert after.window.locator(".add").count() == 0
        choose(before, file("晚了.png"))
        before.ask("请看")
        expect(before.own.get_by_role("alert")).to_contain_text("这里暂时不收图片")
    finally:
        place.ask("PATCH", f"/v1/inboxes/{inbox['id']}", {"pictures": True, "files": True})


def test_axe_finds_nothing_to_complain_about_in_the_dark_and_on_a_phone(visit: Open) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in web/")
    visitor = visit(
        color_scheme="dark", width=390, has_touch=True, is_mobile=True, reduced_motion="reduce", bypass_csp=True
    ).open()
    visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    choose(visitor, file("好.png", png(30, 20)), file("假.png", b"<svg>"))
    expect(tray(visitor)).to_have_count(1)
    assert violations(visitor, "#miaohui") == []
    visitor.ask("看看")
    visitor.answer()
    assert violations(visitor, "#miaohui") == []
    settled(visitor).click()
    expect(visitor.window.locator("dialog.large")).to_be_visible()
    assert violations(visitor, "#miaohui") == []


def test_what_a_file_is_called_is_text_for_visitors_and_agents(visit: Open, place: Place, browser: Browser) -> None:
    visitor = visit().open()
    names = [evil.replace("/", "⁄") for evil in CORPUS]
    for part in (names[:9], names[9:]):
        bring_into(visitor.page, "drop", *[file(f"{name}.png", SMALL) for name in part])
        expect(tray(visitor)).to_have_count(len(part))
        assert visitor.inside(ALIVE) == []
        visitor.ask("看名字")
        expect(tray(visitor)).to_have_count(0)
    expect(settled(visitor)).to_have_count(len(names))
    alts = settled(visitor).evaluate_all("all => all.map((one) => one.alt)")
    assert all("[" not in alt and "\u202e" not in alt for alt in alts)
    assert any("<script>hit=1" in alt for alt in alts)
    settled(visitor).nth(1).click()
    expect(visitor.window.locator("dialog.large")).to_contain_text("onerror")
    assert visitor.inside(ALIVE) == []
    assert visitor.page.evaluate("window.hit ?? null") is None
    here = place.ask("GET", "/v1/conversations", token=visitor.token())["data"][0]["id"]
    with browser.new_context(locale="zh-CN") as context:
        context.add_init_script("window.told = []")
        agent = Agent(context.new_page(), place.base).log_in(place.owner["email"], place.owner["password"])
        agent.page.goto(f"{place.base}/console/conversations/{here}")
        expect(agent.bubbles("visitor").first.get_by_role("img")).to_have_count(9)
        check_inert(agent, "file names")
        assert agent.faults == []
