"""Table F of the faults that channels must survive, F1 to F10, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.wechat.town import AGENT, Town, open_town

from miaohui.channels.threads.types import Thread
from miaohui.kit.aio import spawn
from miaohui.testing.engine import Act
from miaohui.testing.virtual import run_virtually

Story = Callable[[Town], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture
def play(sqlite_template: Path, tmp_path: Path) -> Play:
    """Play a story in a town whose engine says `script`."""

    def played(story: Story, *script: list[Act], **account: Any) -> None:
        async def work() -> None:
            async with open_town(sqlite_template, tmp_path, *script, **account) as town:
                await story(town)

        run_virtually(work())

    return played


def a_thread(openid: str) -> Thread:
    return Thread(inbox_id="inb_1", address=openid, tenant_id="tnt_1", contact_id="cont_1", conversation_id="conv_1")


@pytest.mark.parametrize("mode", ["plain", "compatible", "encrypted"])
def test_a_question_is_answered_at_once_in_every_mode(play: Play, mode: str) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001")
        assert town.shown == [("passive", "可以。")]
        assert [message.sender for message in await town.messages()] == ["visitor", "assistant"]

    play(story, ["可", "以。"], mode=mode)


def test_f1_one_message_however_often_and_wherever_it_is_delivered(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001", at_once=True, lose=2)
        await asyncio.sleep(20)
        assert town.shown == [("passive", "可以。")]
        assert len(town.engine.requests) == 1
        assert len(await town.messages()) == 2
        assert len(town.wechat.answers) == 4

    play(story, [1.0, "可以。"])


def test_f2_who_follows_is_welcomed_once(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.do("o_1", "subscribe", lose=2)
        await asyncio.sleep(5)
        assert town.shown == [("passive", "欢迎!")]
        assert len(town.wechat.answers) == 3
        assert town.engine.requests == []

    play(story, welcome="欢迎!")


@pytest.mark.parametrize(("takes_s", "how"), [(4.3, "passive"), (4.6, "api"), (6.0, "api"), (14.0, "api")])
def test_f3_an_answer_comes_by_one_way_only(play: Play, takes_s: float, how: str) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001")
        await asyncio.sleep(30)
        assert town.shown == [(how, "可以。")]
        assert len(town.engine.requests) == 1

    play(story, [takes_s, "可以。"])


def test_f4_a_lost_answer_is_given_again_word_for_word(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001", lose=1)
        await asyncio.sleep(20)
        assert town.shown == [("passive", "可以。")]
        assert len(town.wechat.answers) == 2
        assert len(town.engine.requests) == 1

    play(story, ["可以。"], ["不可以。"])


def test_f5_a_node_that_dies_before_it_answers_loses_nothing(play: Play) -> None:
    async def story(town: Town) -> None:
        first = town.nodes[0]
        first.down = True
        await town.wechat.say("o_1", "怎么退货?", "1001")
        await asyncio.sleep(20)
        assert town.shown == [("passive", "可以。")]
        assert len(await town.messages()) == 2

    play(story, ["可以。"])


def test_f6_fifty_sends_with_a_dead_token_fetch_one_new_one(play: Play) -> None:
    async def story(town: Town) -> None:
        sendings = [town.nodes[i % 2].sending for i in range(50)]
        for i in range(50):
            town.wechat._allow(f"o_{i}", 5, 100_000_000)
        account = town.wechat.account
        assert (await sendings[0].send(account, a_thread("o_0"), "一")).state == "sent"
        town.wechat.expire_tokens()
        town.wechat.token_calls.clear()
        town.wechat.calls.clear()
        sent = await asyncio.gather(*(one.send(account, a_thread(f"o_{i}"), "二") for i, one in enumerate(sendings)))
        assert {one.state for one in sent} == {"sent"}
        assert town.wechat.token_calls == [True]
        assert len(town.wechat.calls) == 100

    play(story)


def test_f7_a_token_that_is_not_to_be_had_is_not_asked_for_in_a_loop(play: Play) -> None:
    async def story(town: Town) -> None:
        account, sending = town.wechat.account, town.nodes[0].sending
        town.wechat._allow("o_1", 5, 100_000_000_000)
        town.wechat.token_codes.extend(["away", 45009])
        assert (await sending.send(account, a_thread("o_1"), "一")).state == "waiting"
        assert (await sending.send(account, a_thread("o_1"), "一")).state == "waiting"
        await asyncio.sleep(60)
        assert len(town.wechat.token_calls) <= 2
        town.wechat.token_codes.clear()
        assert (await sending.send(account, a_thread("o_1"), "一")).state == "sent"
        town.wechat.token_calls.clear()
        for _ in range(100):
            town.wechat.expire_tokens()
            await sending.send(account, a_thread("o_1"), "二")
            await asyncio.sleep(10)
        assert town.wechat.token_calls.count(True) <= 20

    play(story)


def test_f7_the_old_token_is_used_to_its_end_while_no_new_one_comes(play: Play) -> None:
    async def story(town: Town) -> None:
        account, tokens = town.wechat.account, town.nodes[0].tokens
        first = await tokens.get(account)
        town.wechat.token_codes.extend(["away"] * 1000)
        await asyncio.sleep(7_200 - 200)
        assert await tokens.get(account) == first

    play(story)


@pytest.mark.parametrize(
    ("code", "state", "shown"),
    [
        (45015, "waiting", 0),
        (45047, "waiting", 0),
        (40003, "undeliverable", 0),
        (48001, "waiting", 0),
        ("lost", "uncertain", 1),
    ],
)
def test_f8_what_wechat_says_is_kept_for_the_agent(play: Play, code: int | str, state: str, shown: int) -> None:
    async def story(town: Town) -> None:
        town.wechat.codes.append(code)
        await town.wechat.say("o_1", "怎么退货?", "1001")
        await asyncio.sleep(30)
        assert len(town.shown) == shown
        assert [one for one, _ in await town.sendings()] == [state]

    play(story, [6.0, "可以。"])


@pytest.mark.parametrize("code", [-1, "away"])
def test_f8_what_was_certainly_not_sent_is_sent_again(play: Play, code: int | str) -> None:
    async def story(town: Town) -> None:
        town.wechat.codes.append(code)
        await town.wechat.say("o_1", "怎么退货?", "1001")
        await asyncio.sleep(30)
        assert town.shown == [("api", "可以。")]

    play(story, [6.0, "可以。"])


def test_f8_what_could_not_be_sent_is_given_at_their_next_word(play: Play) -> None:
    async def story(town: Town) -> None:
        town.wechat.codes.append(45015)
        await town.wechat.say("o_1", "怎么退货?", "1001")
        await asyncio.sleep(30)
        await town.wechat.say("o_1", "在吗?", "1002")
        await asyncio.sleep(5)
        assert [text for _, text in town.shown] == ["可以。", "在的。"]

    play(story, [6.0, "可以。"], ["在的。"])


def test_f9_a_long_answer_comes_in_parts_and_within_the_quota(play: Play) -> None:
    words = "这是一句😀话]]>。" * 100

    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "说说", "1001")
        await asyncio.sleep(10)
        assert "".join(text for _, text in town.shown) == words
        assert len(town.shown) == 2
        assert all(len(text.encode()) <= 2048 for _, text in town.shown)

    play(story, [words])


def test_f10_a_burst_is_answered_in_order_and_the_quota_is_never_exceeded(play: Play) -> None:
    async def story(town: Town) -> None:
        said = []
        for i in range(12):
            said.append(spawn(town.wechat.say("o_1", f"第{i}句", f"20{i:02}"), name="follower"))
            await asyncio.sleep(10 / 12)
        await asyncio.gather(*said)
        await asyncio.sleep(60)
        assert 8 <= len(town.shown) <= 12
        await town.wechat.say("o_1", "在吗?", "2099")
        await asyncio.sleep(5)
        assert [text for _, text in town.shown] == [f"答{one}" for one in "甲乙丙丁戊己庚辛壬癸子丑寅"]
        assert len(town.engine.requests) == 13
        assert all(detail != "wechat_45047" for _, detail in await town.sendings())

    play(story, *[[2.0, f"答{one}"] for one in "甲乙丙丁戊己庚辛壬癸子丑寅"])


def test_an_agents_words_go_out_and_notes_do_not(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001")
        conversation = await town.conversation()
        conversations = town.nodes[0].conversations
        await conversations.say(conversation, AGENT, "内部备注", "c1", note=True)
        await conversations.say(conversation, AGENT, "您好, 我是小李。", "c2")
        await asyncio.sleep(3)
        assert town.shown == [("passive", "可以。"), ("api", "您好, 我是小李。")]
        await town.wechat.say("o_1", "谢谢", "1002")
        assert len(town.engine.requests) == 1

    play(story, ["可以。"])


def test_more_than_the_quota_waits_for_their_next_word(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001")
        for i in range(7):
            await town.nodes[0].conversations.say(await town.conversation(), AGENT, f"第{i}句", f"c{i}")
        await asyncio.sleep(60)
        assert [text for _, text in town.shown[1:]] == [f"第{i}句" for i in range(5)]
        await town.wechat.say("o_1", "还有吗", "1002")
        await asyncio.sleep(5)
        assert [text for _, text in town.shown[1:]] == [f"第{i}句" for i in range(7)]
        assert all(state == "sent" for state, _ in await town.sendings())

    play(story, ["可以。"])


def test_an_account_that_cannot_speak_first_lets_the_answer_be_fetched(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.say("o_1", "怎么退货?", "1001")
        assert "回复任意字继续" in town.shown[0][1]
        await asyncio.sleep(10)
        await town.wechat.say("o_1", "1", "1002")
        assert town.shown[1:] == [("passive", "可以。")]
        assert len(town.engine.requests) == 1
        assert town.wechat.calls == []

    play(story, [8.0, "可以。"], can_send=False)


def test_a_touch_of_the_menu_asks_its_question(play: Play) -> None:
    async def story(town: Town) -> None:
        await town.wechat.do("o_1", "CLICK", "ask:怎么退货?")
        await town.wechat.do("o_1", "VIEW", "https://example.com/")
        assert town.shown == [("passive", "可以。")]
        assert [message.text for message in await town.messages()] == ["怎么退货?", "可以。"]

    play(story, ["可以。"])
