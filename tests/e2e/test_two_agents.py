"""One conversation from the first question to the rating: a visitor and two agents, each in a browser of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.shop import fetch
from tests.e2e.test_claim import TOGETHER
from tests.e2e.test_desk import (
    agent_loses_the_network,
    conversation_of,
    desk,
    onlooker_loses_the_network,
    told,
    visitor_loses_the_network,
)

if TYPE_CHECKING:
    from tests.e2e.agent import Agent
    from tests.e2e.test_desk import Desk

__all__ = ["desk"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = ("陈小满", "周子安")


def test_from_the_question_by_way_of_two_agents_to_the_rating(desk: Desk) -> None:
    visitor = desk.visitor.open()
    visitor.ask("怎么退货?")
    visitor.answer()
    visitor.ask("转人工")
    expect(visitor.window.locator(".state")).to_contain_text("排队第 1 位")
    conversation = conversation_of(desk)

    desk = claimed_by_one_of_two(desk, conversation)
    winner, loser = desk.chen, desk.zhou
    winner.reply("您好, 我来帮您退货。")
    expect(told(visitor, "我来帮您退货")).to_have_count(1)
    for agent in (winner, loser):
        expect(agent.page.get_by_text("访客已读")).to_be_visible(timeout=12_000)
    expect(loser.page.locator("[data-viewers]")).to_have_count(1)
    winner.note("先核对单号")
    for agent in (winner, loser):
        expect(agent.bubbles("note")).to_contain_text("先核对单号")
    expect(told(visitor, "先核对单号")).to_have_count(0)

    sends_a_card(desk)
    opens_a_ticket(winner)
    visitor_loses_the_network(desk)
    agent_loses_the_network(desk)
    onlooker_loses_the_network(desk)
    hands_back_and_takes_over_again(desk)
    is_rated(desk)

    stored = fetch(f"{desk.base}/v1/conversations/{conversation}/messages?limit=200", token=visitor.token())["data"]
    assert [one["seq"] for one in stored] == list(range(1, len(stored) + 1))
    assert not [one for one in stored if "先核对单号" in one["text"]]


def claimed_by_one_of_two(desk: Desk, conversation: str) -> Desk:
    """Both press the button in the same moment. Who got it stands first in what is returned."""
    for agent in (desk.chen, desk.zhou):
        agent.show("排队")
        agent.open(conversation)
        expect(agent.page.get_by_role("button", name="领取", exact=True)).to_be_visible()
    for agent in (desk.chen, desk.zhou):
        agent.page.evaluate(TOGETHER, 400)
    for agent in (desk.chen, desk.zhou):
        expect(agent.page.get_by_role("button", name="领取", exact=True)).to_have_count(0)
        # While it is being asked for, the button has another name.
        expect(agent.page.get_by_text(re.compile("^由.+处理$")).first).to_be_visible(timeout=20_000)
    mine = [agent.page.get_by_text("由我处理").count() for agent in (desk.chen, desk.zhou)]
    assert sorted(mine) == [0, 1]
    if mine == [1, 0]:
        expect(desk.zhou.page.locator("#main")).to_contain_text(f"由{NAMES[0]}处理")
        return desk
    expect(desk.chen.page.locator("#main")).to_contain_text(f"由{NAMES[1]}处理")
    return desk._replace(chen=desk.zhou, zhou=desk.chen, chen_wire=desk.zhou_wire, zhou_wire=desk.chen_wire)


def sends_a_card(desk: Desk) -> None:
    """A product below the words, which the visitor sees as a card."""
    agent = desk.chen
    agent.press("回复")
    agent.reply_box.fill("换成这一款也可以")
    agent.press("卡片")
    agent.page.get_by_placeholder("商品或订单").fill("龙井 G018")
    agent.page.get_by_placeholder("价格、状态等").fill("218.00 元")
    agent.press("放到回复里")
    expect(agent.reply_box).to_have_value("换成这一款也可以\n▸ 商品 龙井 G018 · 218.00 元")
    agent.reply_box.press("Control+Enter")
    expect(desk.visitor.window.locator(".attached")).to_have_text("商品 龙井 G018 · 218.00 元")
    expect(told(desk.visitor, "换成这一款也可以")).to_have_count(1)
    expect(agent.bubbles("agent").last).to_contain_text("商品 龙井 G018")


def opens_a_ticket(agent: Agent) -> None:
    """From the side panel; it stands there afterwards."""
    panel = agent.page.get_by_role("complementary")
    panel.get_by_role("button", name="新建工单").click()
    dialog = agent.page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("退货: 核对单号")
    dialog.get_by_role("button", name="新建工单").click()
    expect(panel).to_contain_text("退货: 核对单号")


def hands_back_and_takes_over_again(desk: Desk) -> None:
    """The assistant answers while it may, and not one word after the take-over."""
    visitor, agent = desk.visitor, desk.chen
    answers = visitor.answers.count()
    agent.press("交还助手")
    expect(agent.page.get_by_text("智能助手正在接待")).to_be_visible()
    visitor.ask("退货运费谁出?")
    visitor.answer(answers).get_by_role("button", name="有帮助").click()
    agent.reply("还有别的可以帮您吗?")
    expect(told(visitor, "还有别的可以帮您吗")).to_have_count(1)
    expect(agent.page.get_by_text("由我处理")).to_be_visible()
    visitor.ask("没有了")
    expect(agent.bubbles("visitor").last).to_contain_text("没有了")
    assert visitor.answers.count() == answers + 1


def is_rated(desk: Desk) -> None:
    """It is over: the visitor is asked how it was, and both agents see the answer."""
    visitor, agent = desk.visitor, desk.chen
    agent.page.get_by_role("button", name="解决", exact=True).first.click()
    stars = visitor.window.get_by_role("button", name="非常满意")
    stars.click()
    expect(stars).to_have_attribute("aria-pressed", "true")
    visitor.window.get_by_role("textbox", name="想多说一句吗").fill("小哥很耐心")
    visitor.window.get_by_role("button", name="提交").click()
    for one in (desk.chen, desk.zhou):
        expect(one.page.get_by_text("访客打了 5 分")).to_have_count(1)
