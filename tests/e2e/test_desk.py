"""A visitor and two agents at once, each in a browser of its own, and each with a network that can be cut."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import BACK_MS, Agent
from tests.e2e.conftest import STATIC
from tests.e2e.shop import fetch, sample_shop
from tests.e2e.visitor import Visitor
from tests.e2e.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Desk(NamedTuple):
    """Who is here, and the wire that each hangs on."""

    visitor: Visitor
    chen: Agent
    zhou: Agent
    visitor_wire: Wire
    chen_wire: Wire
    zhou_wire: Wire
    base: str


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    """Three browsers on one server."""
    if not (STATIC / "widget.js").exists():
        pytest.skip("the pages are not built: make web")
    with sample_shop(tmp_path) as base:
        facts = people_of(tmp_path / "demo.json")
        port = urllib.parse.urlsplit(base).port or 0
        wires = [Wire(port) for _ in range(3)]
        contexts = [browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 820}) for _ in wires]
        pages = [context.new_page() for context in contexts]
        agents = [
            Agent(page, f"http://127.0.0.1:{wire.port}").log_in(one["email"], one["password"])
            for page, wire, one in zip(pages[1:], wires[1:], facts["agents"], strict=True)
        ]
        pages[0].goto(f"http://127.0.0.1:{wires[0].port}/demo/?lang=zh-CN")
        yield Desk(Visitor(pages[0]), agents[0], agents[1], wires[0], wires[1], wires[2], base)
        for context in contexts:
            context.close()
        for wire in wires:
            wire.close()
        assert [agent.faults for agent in agents] == [[], []]


def test_a_conversation_goes_from_the_assistant_to_a_person_and_back_whoever_loses_the_network(desk: Desk) -> None:
    visitor, chen, zhou = desk.visitor.open(), desk.chen, desk.zhou

    visitor.ask("怎么退货?")
    visitor.answer()
    conversation = conversation_of(desk)
    chen.show("助手")
    chen.open(conversation)
    expect(chen.bubbles("assistant")).to_have_count(1)

    visitor.ask("转人工")
    expect(visitor.window.locator(".state")).to_contain_text("排队第 1 位")
    for agent in (chen, zhou):
        agent.show("排队")
        agent.open(conversation)

    chen.press("领取")
    expect(chen.page.get_by_text("由我处理")).to_be_visible()
    expect(zhou.page.get_by_text("由陈小满处理")).to_be_visible()

    chen.reply("您好, 我是云杉商城的小陈, 我来帮您。")
    expect(told(visitor, "我是云杉商城的小陈")).to_have_count(1)
    chen.note("老客户, 请优先")
    for agent in (chen, zhou):
        expect(agent.bubbles("note")).to_have_count(1)

    visitor_loses_the_network(desk)
    agent_loses_the_network(desk)
    onlooker_loses_the_network(desk)

    chen.press("交还助手")
    expect(chen.page.get_by_text("智能助手正在接待")).to_be_visible()
    expect(visitor.window.get_by_role("button", name="停止回答")).to_have_count(0)
    visitor.ask("退货运费谁出?")
    answer = visitor.answer(1)
    answer.get_by_role("button", name="有帮助").click()
    expect(answer.get_by_role("button", name="有帮助")).to_have_attribute("aria-pressed", "true")
    expect(chen.page.get_by_text("正在想")).to_have_count(0)
    chen.page.reload()
    expect(chen.page.get_by_text("访客: 有帮助")).to_be_visible()

    stored = fetch(f"{desk.base}/v1/conversations/{conversation}/messages", token=visitor.token())["data"]
    assert [one["seq"] for one in stored] == list(range(1, len(stored) + 1))
    assert not [one for one in stored if "优先" in one["text"]]
    said = [one["text"] for one in stored if one["sender"]["kind"] == "visitor"]
    assert said == ["怎么退货?", "转人工", "断网时我说的话", "小陈还在吗", "退货运费谁出?"]


def told(visitor: Visitor, words: str) -> Locator:
    """What a person said, as the visitor sees it."""
    return visitor.window.locator(".thread p").filter(has_text=words)


def people_of(written: Path) -> Any:
    """What the server writes for its first reader, which may be a moment after it is ready."""
    for _ in range(100):
        with suppress(OSError, ValueError):
            return json.loads(written.read_text())
        time.sleep(0.1)
    raise AssertionError("The server told nobody how to log in.")


def visitor_loses_the_network(desk: Desk) -> None:
    """What he types and what he is told meanwhile both arrive, once."""
    visitor, chen = desk.visitor, desk.chen
    desk.visitor_wire.cut()
    visitor.line.wait_for(timeout=BACK_MS)
    visitor.ask("断网时我说的话")
    chen.reply("断网时我回的话")
    desk.visitor_wire.mend()
    expect(chen.bubbles("visitor").last).to_contain_text("断网时我说的话", timeout=BACK_MS)
    expect(told(visitor, "断网时我回的话")).to_have_count(1, timeout=BACK_MS)


def agent_loses_the_network(desk: Desk) -> None:
    """The reply waits in its place and goes by itself; nothing that was said meanwhile is missing."""
    visitor, chen = desk.visitor, desk.chen
    desk.chen_wire.cut()
    expect(chen.cut).to_be_visible(timeout=BACK_MS)
    visitor.ask("小陈还在吗")
    chen.reply("我断了一下, 现在好了")
    expect(chen.page.get_by_text("连上后会自动再发")).to_be_visible()
    desk.chen_wire.mend()
    expect(chen.bubbles("visitor").last).to_contain_text("小陈还在吗", timeout=BACK_MS)
    expect(told(visitor, "我断了一下")).to_have_count(1, timeout=BACK_MS)


def onlooker_loses_the_network(desk: Desk) -> None:
    """Afterwards both agents see the very same."""
    visitor, chen, zhou = desk.visitor, desk.chen, desk.zhou
    desk.zhou_wire.cut()
    expect(zhou.cut).to_be_visible(timeout=BACK_MS)
    chen.reply("您的退货已经登记")
    expect(told(visitor, "已经登记")).to_have_count(1)
    desk.zhou_wire.mend()
    expect(zhou.bubbles("agent").last).to_contain_text("已经登记", timeout=BACK_MS)
    assert zhou.words() == chen.words()


def conversation_of(desk: Desk) -> str:
    """The visitor's conversation."""
    found = fetch(f"{desk.base}/v1/conversations", token=desk.visitor.token())["data"]
    assert re.match("conv_", found[0]["id"])
    return str(found[0]["id"])
