from __future__ import annotations

import msgspec
import pytest
from tests.engines.streams import ask

from miaohui.engines.cache_key import UNKEYED, answer_key, may_be_shared
from miaohui.engines.types import CalledFunction, ChatMessage, EngineRequest, Parameters, Source, ToolCall

KEYED = {
    "tenant_id",
    "question",
    "messages",
    "answerable",
    "locale",
    "max_output_tokens",
    "needs",
    "grounded",
    "parameters",
    "knowledge_version",
    "prompt_version",
    "policy_version",
    "records",
    "only",
    "tainted",
    "embeds",
    "dimensions",
}
OTHERS: dict[str, object] = {
    "tenant_id": "tnt_2",
    "question": "如何换货?",
    "messages": (ChatMessage("system", "你是客服"), ChatMessage("user", "如何换货?")),
    "answerable": False,
    "locale": "en",
    "max_output_tokens": 100,
    "needs": ("vision",),
    "grounded": False,
    "parameters": Parameters(temperature=0.9),
    "knowledge_version": 2,
    "prompt_version": "2",
    "policy_version": "2",
    "records": ("order 1: on its way",),
    "only": "backup",
    "tainted": True,
    "embeds": "如何退货？",
    "dimensions": 256,
}
SAME: dict[str, object] = {
    "turn_id": "turn_2",
    "conversation_id": "conv_2",
    "sources": (Source(n=1, title="a", heading="", text="b", score=1.0),),
    "personal": True,
}


def changed(request: EngineRequest, **fields: object) -> EngineRequest:
    return msgspec.structs.replace(request, **fields)


def test_every_field_of_a_request_was_judged_to_be_part_of_the_key_or_not() -> None:
    assert set(EngineRequest.__struct_fields__) == KEYED | UNKEYED.keys()
    assert not KEYED & UNKEYED.keys()


@pytest.mark.parametrize("field", sorted(KEYED))
def test_another_value_is_another_key(field: str) -> None:
    assert answer_key(changed(ask(), **{field: OTHERS[field]}), "m") != answer_key(ask(), "m")


@pytest.mark.parametrize("field", sorted(UNKEYED))
def test_who_asks_does_not_change_the_key(field: str) -> None:
    assert answer_key(changed(ask(), **{field: SAME[field]}), "m") == answer_key(ask(), "m")


def test_another_model_has_keys_of_its_own() -> None:
    assert answer_key(ask(), "qwen") != answer_key(ask(), "glm")


def test_a_field_of_the_future_enters_the_key_by_itself() -> None:
    class Later(EngineRequest, frozen=True, kw_only=True):
        mood: str = "calm"

    def later(mood: str) -> EngineRequest:
        return Later(turn_id="t", tenant_id="t", question="q", messages=(), mood=mood)

    assert answer_key(later("calm"), "") != answer_key(later("hurried"), "")


def test_white_space_and_unicode_form_do_not_matter() -> None:
    assert answer_key(ask("怎么 退货\n café?"), "") == answer_key(ask("  怎么  退货 cafe\u0301? "), "")


@pytest.mark.parametrize("other", ["怎么退货？", "怎么退货 ?", "怎么退货", "怎麼退货?"])
def test_nothing_else_is_folded(other: str) -> None:
    assert answer_key(ask(other), "") != answer_key(ask("怎么退货?"), "")


def test_words_cannot_move_from_one_message_to_another() -> None:
    one = changed(ask(), messages=(ChatMessage("user", "甲"), ChatMessage("assistant", "乙丙")))
    other = changed(ask(), messages=(ChatMessage("user", "甲乙"), ChatMessage("assistant", "丙")))
    assert answer_key(one, "") != answer_key(other, "")


@pytest.mark.parametrize(
    "question",
    [
        "订单 20240815001 到哪了?",
        "MH8842 什么时候发货",
        "我的电话是138-1234-5678",
        "请发到 a.b@example.com",
        "退我299元",
        "退我三百块钱",
        "¥ 45 多扣了",
        "I was charged $12",
        "I paid 30 dollars",
        "我叫张三，帮我查一下",
        "全角单号１２３４５６７８",
        "身份证丢了怎么改名",
    ],
)
def test_a_personal_question_is_not_shared(question: str) -> None:
    assert not may_be_shared(ask(question))


@pytest.mark.parametrize(
    "question",
    ["7天无理由怎么算?", "2024年的活动还有吗", "iPhone 15 有货吗", "How long is the 2 year warranty?", "你好"],
)
def test_an_ordinary_question_is(question: str) -> None:
    assert may_be_shared(ask(question))


def test_what_the_visitor_said_before_counts_and_what_the_knowledge_base_says_does_not() -> None:
    now = ChatMessage("user", "<passages>客服电话 4008001234，运费 10 元</passages> 运费多少?")
    earlier = (ChatMessage("system", "s"), ChatMessage("user", "订单 20240815001"), ChatMessage("assistant", "好的"))
    assert may_be_shared(changed(ask("运费多少?"), messages=(ChatMessage("system", "拨打 4008001234"), now)))
    assert not may_be_shared(changed(ask("运费多少?"), messages=(*earlier, now)))


@pytest.mark.parametrize(
    "fields",
    [
        {"personal": True},
        {"needs": ("tools",)},
        {"parameters": Parameters(tools=(msgspec.Raw(b"{}"),))},
        {"messages": (ChatMessage("user", "a"), ChatMessage("tool", "b", tool_call_id="1"))},
        {"messages": (ChatMessage("assistant", "", tool_calls=(ToolCall("1", CalledFunction("f", "{}")),)),)},
    ],
)
def test_what_a_tool_may_find_is_not_shared(fields: dict[str, object]) -> None:
    assert not may_be_shared(changed(ask(), **fields))


def test_a_programs_own_prompt_is_another_one_with_other_white_space() -> None:
    """What the house did not write may be code, where a blank counts."""
    indented, flat = (
        changed(ask("f"), grounded=False, messages=(ChatMessage("user", text),)) for text in ("if x:\n  y", "if x: y")
    )
    assert answer_key(indented, "m") != answer_key(flat, "m")
    assert answer_key(indented, "m") == answer_key(changed(indented, turn_id="turn_9"), "m")
