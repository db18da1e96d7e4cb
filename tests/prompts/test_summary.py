from __future__ import annotations

import msgspec

from miaohui.engines.types import CalledFunction, ChatMessage, EngineRequest, Source, ToolCall
from miaohui.memory.types import Exchange
from miaohui.prompts.shorten import shorten, split_rounds
from miaohui.prompts.summary import summarise

TALK = (
    Exchange("你好，我想找人均100-150元的餐馆，谢谢", "为您推荐讲礼驴肉馆，人均 68 元。祝您用餐愉快，欢迎再来。"),
    Exchange("好的，不要辣的，订单是MH20240815", "记下了。"),
    Exchange("那营业到几点？", "营业到晚上 21:30，节假日照常。"),
)


def test_what_the_visitor_named_stays_and_courtesies_go() -> None:
    summary = summarise(TALK, 70)
    for named in ("100-150元", "餐馆", "不要辣的", "MH20240815"):
        assert named in summary
    for courtesy in ("你好", "谢谢", "好的"):
        assert courtesy not in summary
    assert len(summary) <= 70


def test_turns_keep_their_order_and_a_line_each() -> None:
    lines = summarise(TALK, 200).splitlines()
    assert len(lines) == 3
    assert "餐馆" in lines[0]
    assert "21:30" in lines[2]


def test_answers_come_as_far_as_there_is_room_the_latest_first() -> None:
    assert "21:30" in summarise(TALK, 75)
    assert "→" not in summarise(TALK, 44)
    assert "68" in summarise(TALK, 200)


def test_what_may_not_be_lost_of_the_visitor_stays_without_room() -> None:
    summary = summarise(TALK, 5)
    assert "MH20240815" in summary
    assert "100-150元" in summary
    assert "不要辣" in summary


def test_nothing_said_is_nothing_told() -> None:
    assert summarise([], 100) == ""
    assert summarise([Exchange("谢谢", "")], 100) == ""


def request(*messages: ChatMessage, grounded: bool = True) -> EngineRequest:
    text = "签收七天内可以退货。" + "我们的门店环境优雅，欢迎光临。" * 30
    return EngineRequest(
        turn_id="t",
        tenant_id="t",
        question="怎么退货",
        messages=(*messages, ChatMessage("user", f"<passages>{text}</passages>怎么退货")),
        sources=(Source(n=1, title="退货", heading="", text=text, score=1.0),),
        grounded=grounded,
    )


def test_a_prompt_that_was_too_long_is_made_shorter() -> None:
    long = request(
        ChatMessage("system", "规则"), ChatMessage("user", "订单MH1234"), ChatMessage("assistant", "好的。" * 200)
    )
    shorter = shorten(long)
    assert shorter is not None
    assert [message.role for message in shorter.messages] == ["system", "user"]
    assert shorter.messages[0].content == "规则"
    assert "MH1234" in shorter.messages[1].content
    assert "签收七天内可以退货。" in shorter.messages[1].content
    assert len(shorter.messages[1].content) < 0.7 * sum(len(message.content) for message in long.messages)


def test_a_prompt_that_is_short_already_or_not_ours_stays() -> None:
    assert shorten(request(ChatMessage("system", "规则"), grounded=False)) is None
    bare = EngineRequest(turn_id="t", tenant_id="t", question="q", messages=(ChatMessage("user", "你好" * 50),))
    assert shorten(bare) is None


def test_a_call_of_a_tool_and_its_result_are_never_parted() -> None:
    call = ChatMessage("assistant", "", tool_calls=(ToolCall("1", CalledFunction("find_order", "{}")),))
    result = ChatMessage("tool", "已发货", tool_call_id="1")
    earlier = (ChatMessage("user", "订单呢" * 100), call, result, ChatMessage("assistant", "已发货"))
    now = request(ChatMessage("system", "规则"), *earlier)
    _, rounds = split_rounds((*now.messages, call, result))
    assert [[message.role for message in one] for one in rounds] == [
        ["user", "assistant", "tool", "assistant"],
        ["user", "assistant", "tool"],
    ]
    shorter = shorten(msgspec.structs.replace(now, messages=(*now.messages, call, result)))
    assert shorter is not None
    assert [message.role for message in shorter.messages] == ["system", "user", "assistant", "tool"]
