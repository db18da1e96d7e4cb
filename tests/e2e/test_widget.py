"""The widget on the sample shop, in a real browser against the real server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.e2e.shop import fetch
from tests.e2e.wire import Wire

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_SOCKETS = """
window.WebSocket = class {
  static OPEN = 1;
  constructor() { setTimeout(() => this.onclose({code: 1006}), 10); }
  close() {}
};
"""
NO_STREAMS = (
    NO_SOCKETS
    + """
const real = window.fetch;
window.fetch = (to, init) =>
  init?.headers?.Accept === "text/event-stream" ? Promise.reject(new TypeError("cut")) : real(to, init);
"""
)
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def test_a_question_is_answered_and_its_citation_opens(visit: Open) -> None:
    visitor = visit().open()
    visitor.ask("如何退货？")
    answer = visitor.answer()
    assert "退货" in visitor.words_of(answer)
    assert "AI 生成" in answer.inner_text()
    answer.locator("button.mark").first.click()
    passage = visitor.window.locator(".sheet blockquote")
    passage.wait_for()
    assert "退" in passage.inner_text()
    visitor.page.keyboard.press("Escape")
    assert visitor.window.locator(".sheet").count() == 0
    assert visitor.inside("root => root.activeElement.matches('.mark')"), "where it was opened"


def test_what_the_knowledge_lacks_is_not_invented(visit: Open) -> None:
    visitor = visit().open()
    visitor.ask("火星上有你们的分店吗，怎么坐飞船过去？")
    visitor.window.locator(".line.theirs").nth(1).wait_for(timeout=15_000)
    visitor.page.wait_for_timeout(1500)
    assert visitor.window.locator(".chip").count() == 0


def test_quick_questions_ask_and_then_make_room(visit: Open) -> None:
    visitor = visit().open()
    question = visitor.window.locator(".quick button").first
    words = question.inner_text()
    question.click()
    assert words in visitor.own.first.inner_text()
    assert visitor.window.locator(".quick").count() == 0


def test_a_network_cut_in_the_middle_of_an_answer_loses_and_doubles_nothing(visit: Open, shop: str) -> None:
    wire = Wire(int(shop.rsplit(":", 1)[1]))
    try:
        visitor = visit(base=f"http://127.0.0.1:{wire.port}").open()
        wire.cut_after_deltas(1)
        visitor.ask("如何退货？")
        assert wire.was_cut.wait(15)
        visitor.window.locator(".prose.live").wait_for()
        visitor.line.wait_for(timeout=10_000)
        visitor.field.fill("这句还没写完")
        visitor.ask("断网时问：怎么开发票？")
        wire.mend()
        visitor.answer(1)
        assert visitor.line.count() == 0
        assert [words.split("\n")[0] for words in visitor.own.all_inner_texts()] == [
            "如何退货？",
            "断网时问：怎么开发票？",
        ]
        said = _history(shop, visitor)
        assert len([one for one in said if one.get("cmid")]) == 2
        assert [one["seq"] for one in said] == list(range(1, len(said) + 1))
        finals = [one["text"] for one in said if one.get("final")]
        assert len(finals) == 2
        for nth, final in enumerate(finals):
            assert visitor.words_of(visitor.answer(nth)) == _as_shown(final)
    finally:
        wire.close()


@pytest.mark.parametrize("before", [NO_SOCKETS, NO_STREAMS], ids=["event-stream", "long-poll"])
def test_where_no_socket_gets_through_the_answer_still_comes(visit: Open, before: str) -> None:
    visitor = visit(before=before).open()
    visitor.ask("如何退货？")
    visitor.answers.first.wait_for(timeout=60_000)
    assert "退货" in visitor.words_of(visitor.answer())
    visitor.ask("怎么开发票？")
    visitor.answer(1)
    assert visitor.own.count() == 2


def test_a_reload_keeps_the_conversation_and_the_draft(visit: Open) -> None:
    visitor = visit().open()
    visitor.ask("如何退货？")
    before = visitor.words_of(visitor.answer())
    visitor.field.fill("还没写完的话")
    visitor.page.reload()
    visitor.open()
    assert visitor.words_of(visitor.answer()) == before
    assert visitor.own.count() == 1
    assert visitor.field.input_value() == "还没写完的话"


def test_another_visitor_sees_nothing_of_it(visit: Open) -> None:
    first = visit().open()
    first.ask("如何退货？")
    first.answer()
    second = visit().open()
    second.page.wait_for_timeout(500)
    assert second.own.count() == 0


def test_on_a_phone_the_window_fills_the_screen(visit: Open) -> None:
    visitor = visit(width=390, has_touch=True, is_mobile=True).open()
    visitor.page.wait_for_timeout(400)
    box = visitor.window.bounding_box()
    assert box is not None
    assert (round(box["x"]), round(box["y"]), round(box["width"]), round(box["height"])) == (0, 0, 390, 844)
    assert not visitor.bubble.is_visible()
    small = visitor.inside(
        "root => [...root.querySelectorAll('.head button, .quick button, .foot button')]"
        ".map(it => it.getBoundingClientRect()).filter(it => it.height < 44).length"
    )
    assert small == 0


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 22, 20)")])
def test_the_window_follows_the_system_into_the_dark(visit: Open, scheme: str, paper: str) -> None:
    visitor = visit(color_scheme=scheme).open()
    head = visitor.window.locator(".head")
    assert head.evaluate("it => getComputedStyle(it).backgroundColor") == paper


def test_an_english_page_has_an_english_window(visit: Open) -> None:
    visitor = visit(lang="en").open()
    assert "Talk to a person" in visitor.window.inner_text()
    visitor.ask("How do I return an item?")
    assert "return" in visitor.words_of(visitor.answer()).lower()
    chrome = visitor.inside("root => root.querySelector('.head').innerText + root.querySelector('.foot').innerText")
    assert not re.search(r"[\u4e00-\u9fff]", chrome.replace("云杉商城官网", ""))


def test_everything_works_by_keyboard_alone(visit: Open) -> None:
    visitor = visit()
    keyboard = visitor.page.keyboard
    visitor.bubble.focus()
    keyboard.press("Enter")
    visitor.window.locator(".said").first.wait_for()
    keyboard.type("如何退货？")
    keyboard.press("Shift+Enter")
    keyboard.type("急")
    keyboard.press("Enter")
    visitor.answer()
    for _ in range(40):
        keyboard.press("Tab")
        assert visitor.inside("root => root.querySelector('.window').contains(root.activeElement)")
        if visitor.inside("root => root.activeElement.matches('.chip')"):
            break
    keyboard.press("Enter")
    visitor.window.locator(".sheet blockquote").wait_for()
    keyboard.press("Escape")
    keyboard.press("Escape")
    visitor.window.wait_for(state="hidden")
    assert visitor.inside("root => root.activeElement.matches('.bubble')")


def test_enter_while_composing_does_not_send(visit: Open) -> None:
    visitor = visit().open()
    visitor.field.fill("ni hao")
    visitor.field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    visitor.page.wait_for_timeout(300)
    assert visitor.own.count() == 0
    visitor.field.press("Enter")
    visitor.own.first.wait_for()


def test_a_person_is_one_tap_away_and_the_visitor_is_told_what_happens(visit: Open, shop: str) -> None:
    visitor = visit().open()
    visitor.ask("如何退货？")
    visitor.answer()
    visitor.window.get_by_role("button", name="转人工").click()
    visitor.window.get_by_text("同事会看到上面的对话").wait_for()
    assert "排队" in visitor.window.locator(".state").inner_text()
    session = _session(shop, visitor)
    assert session["conversation"]["status"] == "open"


def test_a_person_can_be_asked_for_before_anything_was_said(visit: Open, shop: str) -> None:
    visitor = visit().open()
    visitor.window.get_by_role("button", name="转人工").click()
    visitor.window.get_by_text("同事会看到上面的对话").wait_for()
    assert _session(shop, visitor)["conversation"]["status"] == "open"


def test_a_rating_reaches_the_server_and_can_be_taken_back(visit: Open, shop: str) -> None:
    visitor = visit().open()
    visitor.ask("如何退货？")
    good = visitor.answer().get_by_role("button", name="有帮助")
    for rating in (1, 0):
        with visitor.page.expect_response("**/rating"):
            good.click()
        final = next(one for one in _history(shop, visitor) if one.get("final"))
        assert final.get("rating", 0) == rating


def test_the_page_talks_to_the_widget(visit: Open) -> None:
    visitor = visit()
    visitor.page.evaluate("window.told = []; Miaohui('on', 'message', it => told.push(it.sender.kind))")
    visitor.page.evaluate("Miaohui('product', {title: '云杉随行杯', price: '¥89'})")
    visitor.page.evaluate("Miaohui('ask', '这个能退货吗？')")
    visitor.answer()
    assert "云杉随行杯" in visitor.own.first.inner_text()
    assert visitor.page.evaluate("told") == ["visitor", "assistant"]
    visitor.page.evaluate("Miaohui.close()")
    visitor.window.wait_for(state="hidden")
    with pytest.raises(Exception, match="no method"):
        visitor.page.evaluate("Miaohui('nonsense')")


def test_an_answer_that_comes_while_closed_is_counted_on_the_bubble(visit: Open) -> None:
    visitor = visit().open()
    visitor.ask("如何退货？")
    visitor.page.evaluate("Miaohui('close')")
    visitor.page.locator('#miaohui .bubble[data-unread="1"]').wait_for(timeout=15_000)
    visitor.open()
    assert visitor.bubble.get_attribute("data-unread") == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_about(visit: Open, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in web/")
    visitor = visit(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    visitor.bubble.wait_for()
    visitor.page.wait_for_timeout(500)
    visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert violations(visitor) == []
    visitor.open()
    visitor.ask("如何退货？")
    visitor.answer()
    assert violations(visitor) == []
    visitor.answer().locator(".chip").first.click()
    visitor.window.locator(".sheet blockquote").wait_for()
    assert violations(visitor) == []


def violations(visitor: Visitor, part: str = "html") -> list[str]:
    """What axe has against the page, or a part of it, as it is."""
    found = visitor.page.evaluate("part => axe.run(part)", part)
    return [f"{one['id']}: {one['nodes'][0]['target']} {one['help']}" for one in found["violations"]]


def _session(shop: str, visitor: Visitor) -> dict[str, dict[str, str]]:
    body = {"site_key": "demo-site", "visitor_token": visitor.token()}
    session: dict[str, dict[str, str]] = fetch(f"{shop}/v1/widget/session", body=body)
    return session


def _history(shop: str, visitor: Visitor) -> list[dict[str, object]]:
    conversation = _session(shop, visitor)["conversation"]["id"]
    page = fetch(f"{shop}/v1/conversations/{conversation}/messages?limit=200", token=visitor.token())
    messages: list[dict[str, object]] = page["data"]
    return messages


def _as_shown(text: object) -> str:
    """What stands on the page of a message's text: no Markdown, citations in circles, list numbers not text."""
    shown = re.sub(r"\[(\d+)\]", lambda mark: chr(0x245F + int(mark[1])), str(text))
    shown = re.sub(r"(?m)^\s*(\d{1,3}[.)、]|[-*•]\s|#{1,6}\s)\s*", "", shown)
    return re.sub(r"\s|\*\*|`", "", shown)
