"""Agents and visitors who have no language in common, and colleagues who look at the same conversation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.conftest import STATIC
from tests.e2e.interpreter import Interpreter, interpreting
from tests.e2e.shop import fetch, sample_shop
from tests.e2e.test_desk import people_of, told
from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAYS = {
    "Where is my order 88213?": "en\n我的订单 88213 在哪里?",
    "Please be quick": "en\n请快一点",
    "明天发出, 退您 199.00 元。": "zh-CN\nIt leaves tomorrow; you get 19.00 yuan back.",
}


class Place(NamedTuple):
    """A visitor who writes English, two agents who read Chinese, and a model between them."""

    visitor: Visitor
    chen: Agent
    zhou: Agent
    model: Interpreter
    conversation: str


def opened(browser: Browser, base: str, data: Path) -> tuple[Visitor, Agent, Agent, str]:
    contexts = [browser.new_context(locale=lang, viewport={"width": 1280, "height": 860}) for lang in LANGUAGES]
    pages = [context.new_page() for context in contexts]
    people = people_of(data / "demo.json")["agents"]
    agents = [
        Agent(page, base).log_in(one["email"], one["password"]) for page, one in zip(pages[1:], people, strict=True)
    ]
    pages[0].goto(f"{base}/demo/?lang=en")
    visitor = Visitor(pages[0]).open()
    visitor.ask("talk to a human")
    expect(visitor.window.locator(".state")).to_contain_text("1")
    found = fetch(f"{base}/v1/conversations", token=visitor.token())["data"]
    return visitor, agents[0], agents[1], str(found[0]["id"])


LANGUAGES = ("en", "zh-CN", "zh-CN")


@pytest.fixture
def place(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    if not (STATIC / "widget.js").exists():
        pytest.skip("the pages are not built: make web")
    with interpreting(SAYS) as (model, url):
        monkeypatch.setenv("MIAOHUI_ENGINE_URL", url)
        monkeypatch.setenv("MIAOHUI_ENGINE_MODEL", "interpreter")
        monkeypatch.setenv("MIAOHUI_ENGINE_KEY", "none")
        with sample_shop(tmp_path) as base:
            visitor, chen, zhou, conversation = opened(browser, base, tmp_path)
            yield Place(visitor, chen, zhou, model, conversation)
            assert [chen.faults, zhou.faults] == [[], []]
            for one in (visitor, chen, zhou):
                one.page.context.close()


def translations(agent: Agent) -> Locator:
    return agent.page.locator("[data-translation]")


def test_what_comes_in_is_read_in_ones_own_language_and_what_goes_out_in_the_visitors(place: Place) -> None:
    visitor, chen, zhou, model, conversation = place
    for agent in (chen, zhou):
        agent.show("排队")
        agent.open(conversation)
    chen.press("领取")
    visitor.ask("Where is my order 88213?")
    bubble = chen.bubbles("visitor").last
    expect(bubble).to_contain_text("88213")
    bubble.get_by_role("button", name="翻译", exact=True).click()
    expect(translations(chen)).to_contain_text("我的订单 88213 在哪里?")
    expect(translations(chen)).to_contain_text("英语 · AI")
    expect(bubble).to_contain_text("Where is my order 88213?")

    chen.page.get_by_role("checkbox", name="自动翻译来信").check()
    visitor.ask("Please be quick")
    expect(translations(chen).last).to_contain_text("请快一点")
    expect(translations(chen)).to_have_count(3)

    asked = len(model.asked)
    zhou.page.reload()
    expect(translations(zhou)).to_have_count(3)
    assert len(model.asked) == asked, "what was translated once costs nothing again"
    expect(zhou.page.locator("[data-viewers]")).to_contain_text("陈小满也在看")
    expect(chen.page.locator("[data-viewers]")).to_contain_text("周子安也在看")

    sends_translated(place)
    zhou.page.get_by_role("link", name="工单").first.click()
    expect(chen.page.locator("[data-viewers]")).to_have_count(0)

    model.broken = True
    visitor.ask("One more thing")
    expect(chen.page.get_by_role("alert").filter(has_text="再试")).to_be_visible(timeout=20_000)
    expect(visitor.window.get_by_role("alert")).to_have_count(0)


def sends_translated(place: Place) -> None:
    """Both stand there before it is sent, with what got lost; afterwards each side has its own."""
    visitor, chen, zhou = place.visitor, place.chen, place.zhou
    wrote = "明天发出, 退您 199.00 元。"
    chen.press("回复")
    chen.reply_box.fill(wrote)
    chen.press("翻译成英语")
    preview = chen.page.get_by_role("textbox", name="将发给访客的译文")
    expect(preview).to_have_value("It leaves tomorrow; you get 19.00 yuan back.")
    expect(chen.page.get_by_text("译文里没有找到: 199.00")).to_be_visible()
    expect(told(visitor, "It leaves tomorrow")).to_have_count(0)
    chen.reply_box.fill(wrote + "!")
    expect(chen.page.get_by_role("button", name="发送译文")).to_be_disabled()
    chen.reply_box.fill(wrote)
    preview.fill("It leaves tomorrow; you get 199.00 yuan back.")
    chen.press("发送译文")
    expect(told(visitor, "It leaves tomorrow; you get 199.00 yuan back.")).to_have_count(1)
    expect(told(visitor, "明天发出")).to_have_count(0)
    expect(visitor.window.locator(".line.theirs").last).to_contain_text("AI-generated")
    expect(chen.reply_box).to_have_value("")
    for agent in (chen, zhou):
        sent = agent.bubbles("agent").last
        expect(sent).to_contain_text("you get 199.00 yuan back")
        expect(sent.locator("[data-original]")).to_contain_text(wrote)


def test_without_a_model_the_button_says_why(browser: Browser, tmp_path: Path) -> None:
    if not (STATIC / "widget.js").exists():
        pytest.skip("the pages are not built: make web")
    with sample_shop(tmp_path) as base:
        visitor, chen, zhou, conversation = opened(browser, base, tmp_path)
        visitor.ask("Where is it?")
        chen.show("排队")
        chen.open(conversation)
        expect(chen.bubbles("visitor").last).to_contain_text("Where is it?")
        expect(chen.bubbles("visitor").last.get_by_role("button", name="翻译")).to_have_count(0)
        chen.press("翻译成英语")
        expect(chen.page.get_by_text("还没有能翻译的模型")).to_be_visible()
        for one in (visitor, chen, zhou):
            one.page.context.close()
