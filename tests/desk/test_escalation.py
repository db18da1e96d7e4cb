"""A person is called by rule: when nothing is known, when somebody is upset, when a tool broke, when it goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.doors.building import Building

from miaohui.conversations.types import Conversation, HandoffReason
from miaohui.desk.escalating import Rules, is_spent, is_unanswered, is_upset, suspicions
from miaohui.desk.escalation import Escalation
from miaohui.journal.types import Stage, TurnEntry

session_loop = pytest.mark.asyncio(loop_scope="session")
NEVER = Rules(unanswered=0, upset=0, turns=0, tool_failure=False)


def page(reason: str = "", outcome: str = "answered", **tools: str) -> TurnEntry:
    stages = tuple(
        Stage(name="tool", at_ms=0, took_ms=0, facts={"tool": name.rstrip("_"), "outcome": ended})
        for name, ended in tools.items()
    )
    return TurnEntry(
        turn_id="t", tenant_id="n", conversation_id="c", started_at_ms=0, ended_at_ms=1, outcome=outcome,
        reason=reason, stages=stages,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "question", "ended", "seq", "expected"),
    [
        (Rules(), "怎么退货?", page(), 2, ()),
        (Rules(), "怎么退货?", page("unknown_answer"), 2, ("missing_knowledge",)),
        (Rules(unanswered=0), "怎么退货?", page("unknown_answer"), 2, ()),
        (Rules(), "太差了, 我要投诉", page(), 2, ("sentiment",)),
        (Rules(upset=0), "太差了, 我要投诉", page(), 2, ()),
        (Rules(), "查订单", page(get_order="failed"), 2, ("tool_failure",)),
        (Rules(), "查订单", page(get_order="failed", get_order_="done"), 2, ()),
        (Rules(), "查订单", page(get_order="refused"), 2, ()),
        (Rules(tool_failure=False), "查订单", page(get_order="timeout"), 2, ()),
        (Rules(turns=5), "还有呢", page(), 8, ()),
        (Rules(turns=5), "还有呢", page(), 9, ("usage_limit",)),
        (Rules(turns=1), "投诉", page("unknown_answer", "handed_off", get_order="failed"), 10, ()),
    ],
)
def test_a_turn_is_looked_into_when_something_of_it_is_telling(
    rules: Rules, question: str, ended: TurnEntry, seq: int, expected: tuple[HandoffReason, ...]
) -> None:
    assert suspicions(rules, question, ended, seq) == expected


def test_each_rule_holds_from_its_number_on_and_not_before() -> None:
    assert is_unanswered(Rules(unanswered=2), ["unknown_answer", "unknown_answer", ""])
    assert not is_unanswered(Rules(unanswered=2), ["unknown_answer", "", "unknown_answer"])
    assert not is_unanswered(Rules(unanswered=2), ["unknown_answer"])
    assert not is_unanswered(Rules(unanswered=0), [])
    assert is_upset(Rules(upset=2), ["你好", "太差了", "我要投诉"])
    assert not is_upset(Rules(upset=2), ["太差了", "好的", "谢谢", "我要投诉"])
    assert not is_upset(Rules(upset=0), ["投诉"] * 3)
    assert is_spent(Rules(turns=3), 3)
    assert not is_spent(Rules(turns=3), 2)
    assert not is_spent(Rules(turns=0), 99)


@pytest.fixture
def escalation(building: Building) -> Iterator[Escalation]:
    found = building.house.around.desk.escalation
    before = found.rules
    yield found
    found.rules = before


async def ask(building: Building, token: str, conversation: Conversation, *texts: str) -> Conversation:
    """The conversation after these questions were answered, one after another, and every rule was looked at."""
    for text in texts:
        building.house.loop_watch.lag_s = 0.0
        path = f"/v1/conversations/{conversation.id}/messages"
        sent = (await building.ask("POST", path, token=token, json={"text": text})).json()
        await building.house.turns.follow(conversation.tenant_id, sent["turn"])
        await building.house.turns.drain(5)
        await building.house.around.desk.escalation.settle()
    now = await building.house.conversations.find(conversation.tenant_id, conversation.id)
    assert now is not None
    return now


UNKNOWN = "量子纠缠 zxqv 是什么?"


@session_loop
async def test_a_person_is_called_after_so_many_unanswered_questions_in_a_row(
    building: Building, escalation: Escalation
) -> None:
    escalation.rules = Rules(unanswered=2)
    token, conversation = await building.visitor()
    once = await ask(building, token, conversation, UNKNOWN)
    assert once.status == "pending"
    twice = await ask(building, token, conversation, UNKNOWN)
    assert (twice.status, twice.handoff_reason) == ("open", "missing_knowledge")
    said = await building.house.conversations.messages(twice, limit=20)
    assert said[-1].text == "handed_off:missing_knowledge"
    assert [one.sender for one in said[:4]] == ["visitor", "assistant"] * 2, "the answer was said first"


@session_loop
async def test_an_upset_visitor_gets_a_person_and_one_who_swears_once_does_not(
    building: Building, escalation: Escalation
) -> None:
    escalation.rules = Rules(unanswered=0, upset=2)
    token, conversation = await building.visitor()
    assert (await ask(building, token, conversation, "你们太差了")).status == "pending"
    now = await ask(building, token, conversation, "气死我了")
    assert (now.status, now.handoff_reason) == ("open", "sentiment")


@session_loop
async def test_who_has_been_answered_often_enough_gets_a_person(building: Building, escalation: Escalation) -> None:
    escalation.rules = Rules(unanswered=0, upset=0, turns=2)
    token, conversation = await building.visitor()
    assert (await ask(building, token, conversation, "怎么退货?")).status == "pending"
    now = await ask(building, token, conversation, "怎么换货?")
    assert (now.status, now.handoff_reason) == ("open", "usage_limit")


@session_loop
async def test_without_rules_nobody_is_called_by_rule(building: Building, escalation: Escalation) -> None:
    escalation.rules = NEVER
    token, conversation = await building.visitor()
    now = await ask(building, token, conversation, UNKNOWN, UNKNOWN, "太差了, 投诉", "垃圾")
    assert now.status == "pending"


@session_loop
async def test_what_an_agent_took_meanwhile_is_not_called_for_again(building: Building, escalation: Escalation) -> None:
    escalation.rules = Rules()
    token, conversation = await building.visitor()
    before = await ask(building, token, conversation, "怎么退货?")
    taken = await building.ask("POST", f"/v1/conversations/{before.id}/take-over", token=building.ours.agent, json={})
    assert taken.status == 200
    escalation.turn_ended(before, "查订单", page(get_order="failed"))
    await escalation.settle()
    now = await building.house.conversations.find(before.tenant_id, before.id)
    assert now is not None
    assert (now.assignee_id, now.handoff_reason) == (building.ours.person.id, None)
