"""Two agents at one queue: both claim at once, then they work together on what one of them got."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.conftest import STATIC
from tests.e2e.shop import fetch, sample_shop
from tests.e2e.test_desk import people_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOON = "delay => { const button = [...document.querySelectorAll('header button')].find("
TOGETHER = SOON + "one => one.textContent.trim() === '领取'); setTimeout(() => button.click(), delay); }"
"""Clicks in both browsers at the same moment, as two hands do, and not one after the other as a script would."""


class Pair:
    """Two agents, one visitor who waits, and the server between them."""

    def __init__(self, base: str, agents: list[Agent], names: list[str]) -> None:
        self.base = base
        self.agents = agents
        self.names = names
        self.visitor = fetch(f"{base}/v1/widget/session", body={"site_key": "demo-site"})["token"]
        self.conversation = fetch(f"{base}/v1/conversations", token=self.visitor, body={})["id"]
        self.say("我要退款, 单号 2026111888231")
        self.say("转人工")

    def say(self, text: str) -> None:
        """As the visitor."""
        fetch(f"{self.base}/v1/conversations/{self.conversation}/messages", token=self.visitor, body={"text": text})


@pytest.fixture
def pair(browser: Browser, tmp_path: Path) -> Iterator[Pair]:
    """Both are logged in and look at the queue."""
    if not (STATIC / "widget.js").exists():
        pytest.skip("the pages are not built: make web")
    with sample_shop(tmp_path) as base:
        people = people_of(tmp_path / "demo.json")["agents"]
        owner = people_of(tmp_path / "demo.json")["admin"]
        contexts = [browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}) for _ in people]
        agents = [
            Agent(context.new_page(), base).log_in(one["email"], one["password"])
            for context, one in zip(contexts, people, strict=True)
        ]
        token = fetch(f"{base}/v1/auth/login", body={name: owner[name] for name in ("email", "password")})
        reply = {"short_code": "退款", "text": "退款会在三个工作日内原路退回。"}
        fetch(f"{base}/v1/desk/replies", token=token["access_token"], body=reply)
        yield Pair(base, agents, ["陈小满", "周子安"])
        for context in contexts:
            context.close()
        assert [agent.faults for agent in agents] == [[], []]


def test_of_two_who_claim_at_once_one_gets_it_and_the_other_is_told_who_has_it(pair: Pair) -> None:
    winner, loser = claim_together(pair)
    name = pair.names[pair.agents.index(winner)]
    expect(loser.page.locator("#main")).to_contain_text(f"由{name}处理")
    expect(loser.page.get_by_role("button", name="领取", exact=True)).to_have_count(0)
    for agent in pair.agents:
        expect(agent.page.get_by_text("领取了")).to_have_count(1)
    expect(winner.page.get_by_role("complementary")).to_contain_text("单号 2026111888231")
    winner.show("我的")
    expect(winner.row(pair.conversation)).to_be_visible()


def test_a_colleague_is_named_in_a_note_and_a_canned_reply_is_said(pair: Pair) -> None:
    winner, loser = claim_together(pair)
    other = pair.names[pair.agents.index(loser)]
    loser.page.get_by_role("link", name="知识").click()

    winner.press("备注")
    winner.note_box.press_sequentially(f"请 @{other[0]}")
    winner.page.get_by_role("option", name=other).click()
    expect(winner.note_box).to_have_value(f"请 @{other} ")
    winner.note_box.press_sequentially("看一下")
    winner.note_box.press("Control+Enter")
    expect(winner.bubbles("note")).to_have_count(1)
    expect(loser.page.get_by_text("在备注里提到了您")).to_be_visible()
    loser.page.get_by_role("button", name="去看看").click()
    expect(loser.bubbles("note")).to_contain_text("看一下")

    winner.press("回复")
    winner.reply_box.press_sequentially("/退")
    expect(winner.page.get_by_role("option", name="/退款")).to_be_visible()
    winner.reply_box.press("Enter")
    expect(winner.reply_box).to_have_value("退款会在三个工作日内原路退回。")
    winner.reply_box.press("Control+Enter")
    expect(winner.bubbles("agent")).to_have_count(1)
    path = f"{pair.base}/v1/conversations/{pair.conversation}/messages"
    seen = fetch(path, token=pair.visitor)["data"]
    assert [one["text"] for one in seen if one["sender"]["kind"] == "agent" and one["kind"] == "text"] == [
        "退款会在三个工作日内原路退回。"
    ]
    assert all("看一下" not in one["text"] for one in seen)


def test_what_is_sorted_by_one_is_seen_by_the_other_and_stands_in_the_address(pair: Pair) -> None:
    winner, loser = claim_together(pair)
    winner.page.keyboard.press("p")
    winner.page.get_by_role("option", name="紧急").click()
    winner.page.keyboard.press("l")
    winner.page.get_by_placeholder("找或新建标签").fill("退款")
    winner.page.keyboard.press("Enter")
    winner.page.keyboard.press("Escape")
    loser.page.get_by_role("button", name="更多视图").click()
    loser.page.get_by_role("option", name="全部人工").click()
    expect(loser.row(pair.conversation)).to_contain_text("紧急")

    loser.page.reload()
    loser.page.get_by_role("button", name="筛选").click()
    loser.page.get_by_role("option", name="退款").click()
    loser.page.keyboard.press("Escape")
    expect(loser.page).to_have_url(re.compile("label="))
    expect(loser.row(pair.conversation)).to_be_visible()

    winner.page.keyboard.press("z")
    winner.page.get_by_role("option", name="1 小时后").click()
    expect(loser.row(pair.conversation)).to_have_count(0)
    loser.page.get_by_role("button", name="更多视图").click()
    loser.page.get_by_role("option", name="稍后处理").click()
    expect(loser.row(pair.conversation)).to_be_visible()


def claim_together(pair: Pair) -> tuple[Agent, Agent]:
    """Who got it, and who did not."""
    for agent in pair.agents:
        agent.show("排队")
        agent.open(pair.conversation)
        expect(agent.page.get_by_role("button", name="领取", exact=True)).to_be_visible()
    for agent in pair.agents:
        agent.page.evaluate(TOGETHER, 400)
    for agent in pair.agents:
        expect(agent.page.get_by_role("button", name="领取", exact=True)).to_have_count(0)
        # While it is being asked for, the button has another name.
        expect(agent.page.get_by_text(re.compile("^由.+处理$")).first).to_be_visible(timeout=20_000)
    mine = [agent.page.get_by_text("由我处理").count() for agent in pair.agents]
    assert sorted(mine) == [0, 1]
    winner = pair.agents[mine.index(1)]
    return winner, pair.agents[mine.index(0)]
