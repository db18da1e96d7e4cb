"""What every channel of others' make must do, whatever the vendor: a suite that each of them runs.

A channel brings a `Trial`: its own vendor, played, in front of two nodes of ours. See `docs/how-to/add-a-channel.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.wechat.town import AGENT, PNG, Town

from miaohui.conversations.types import Message
from miaohui.testing.engine import Act
from miaohui.testing.virtual import run_virtually

PICTURE = "https://pictures.example.com/a.png"
"""An address outside where a picture is."""


class Trial(Protocol):
    """One inbox of the channel, in virtual time."""

    town: Town
    part_bytes: int
    """The longest words that the vendor takes at once, in UTF-8."""

    async def say(self, person: str, text: str, key: str) -> None:
        """Somebody writes; the vendor delivers it as it does. `key` is the vendor's id of it."""
        ...

    async def say_again(self, person: str, text: str, key: str) -> None:
        """The vendor delivers the very same once more."""
        ...

    async def forge(self) -> list[int]:
        """Calls that are not the vendor's, or not in form; the statuses that we answer."""
        ...

    def shown(self, person: str) -> list[str]:
        """What the person reads."""
        ...

    def pictures(self, person: str) -> list[bytes]:
        """What the person sees."""
        ...

    def fail(self, how: str) -> None:
        """Of the next sending: `away` it never arrives, `lost` it arrives and nobody tells us."""
        ...

    async def thread(self, person: str) -> list[Message]:
        """The conversation behind the person."""
        ...

    async def as_agent(self, person: str, text: str, *, note: bool = False) -> None:
        """An agent answers, or notes something."""
        ...


Story = Callable[[Any], Awaitable[None]]


class ChannelSuite:
    """Subclass it as `Test…` with `open_trial`."""

    def open_trial(self, template: Path, folder: Path, *script: list[Act]) -> AbstractAsyncContextManager[Any]:
        """A trial whose engine says `script`."""
        raise AssertionError(self)

    @pytest.fixture
    def play(self, sqlite_template: Path, tmp_path: Path) -> Callable[..., None]:
        def played(story: Story, *script: list[Act]) -> None:
            async def work() -> None:
                async with self.open_trial(sqlite_template, tmp_path, *script) as trial:
                    await story(trial)

            run_virtually(work())

        return played

    def test_words_are_answered(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "怎么退货?", "1")
            await asyncio.sleep(10)
            assert trial.shown("ann") == ["可以。"]
            assert [one.sender for one in await trial.thread("ann")] == ["visitor", "assistant"]

        play(story, ["可以。"])

    def test_what_is_delivered_again_is_one_message(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "怎么退货?", "1")
            await trial.say_again("ann", "怎么退货?", "1")
            await asyncio.sleep(10)
            assert trial.shown("ann") == ["可以。"]
            assert len(await trial.thread("ann")) == 2
            await trial.say("ann", "怎么退货?", "2")
            await asyncio.sleep(10)
            assert len(await trial.thread("ann")) == 4

        play(story, ["可以。"])

    def test_a_late_answer_comes_once(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "怎么退货?", "1")
            await asyncio.sleep(40)
            assert trial.shown("ann") == ["可以。"]
            assert len(trial.town.engine.requests) == 1

        play(story, [20.0, "可以。"])

    def test_an_agents_words_arrive_and_notes_do_not(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "怎么退货?", "1")
            await asyncio.sleep(5)
            await trial.as_agent("ann", "内部备注", note=True)
            await trial.as_agent("ann", "您好, 我是小李。")
            await asyncio.sleep(5)
            assert trial.shown("ann") == ["可以。", "您好, 我是小李。"]
            await trial.say("ann", "谢谢", "2")
            await asyncio.sleep(10)
            assert len(trial.town.engine.requests) == 1

        play(story, ["可以。"])

    def test_people_are_told_apart(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "一", "1")
            await trial.say("ben", "二", "2")
            await asyncio.sleep(10)
            assert [one.text for one in await trial.thread("ann")][:1] == ["一"]
            assert [one.text for one in await trial.thread("ben")][:1] == ["二"]
            await trial.as_agent("ben", "只给您")
            await asyncio.sleep(5)
            assert "只给您" not in trial.shown("ann")
            assert trial.shown("ben")[-1] == "只给您"

        play(story, ["可以。"])

    def test_long_words_come_in_whole_characters_and_in_order(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            words = "这是一句😀话]]>&<b>。" * (trial.part_bytes // 20)
            await trial.say("ann", "说说", "1")
            await asyncio.sleep(5)
            await trial.as_agent("ann", words)
            await asyncio.sleep(10)
            parts = trial.shown("ann")[1:]
            assert "".join(parts) == words
            assert all(len(one.encode()) <= trial.part_bytes for one in parts)

        play(story, ["可以。"])

    def test_a_picture_of_an_agents_is_seen_and_one_of_the_assistants_is_not_fetched(
        self, play: Callable[..., None]
    ) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "看看", "1")
            await asyncio.sleep(10)
            assert trial.pictures("ann") == []
            await trial.as_agent("ann", f"请看\n![图]({PICTURE})")
            await asyncio.sleep(5)
            assert trial.pictures("ann") == [PNG]
            await trial.as_agent("ann", "![图](https://nowhere.example.com/a.png)")
            await asyncio.sleep(15)
            assert trial.pictures("ann") == [PNG]
            assert "nowhere.example.com" in trial.shown("ann")[-1]

        play(story, [f"好的 ![图]({PICTURE})"])

    def test_what_was_surely_not_sent_is_sent_again(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "怎么退货?", "1")
            await asyncio.sleep(5)
            trial.fail("away")
            await trial.as_agent("ann", "您好")
            await asyncio.sleep(30)
            assert trial.shown("ann") == ["可以。", "您好"]

        play(story, ["可以。"])

    def test_what_may_have_been_sent_is_not_sent_twice(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            await trial.say("ann", "怎么退货?", "1")
            await asyncio.sleep(5)
            trial.fail("lost")
            await trial.as_agent("ann", "您好")
            await trial.as_agent("ann", "还在吗")
            await asyncio.sleep(30)
            assert trial.shown("ann") == ["可以。", "您好", "还在吗"]

        play(story, ["可以。"])

    def test_a_burst_is_kept_whole_and_in_order(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            for at in range(4):
                await trial.say("ann", f"第{at}句", f"{at}")
            await asyncio.sleep(30)
            said = [one.text for one in await trial.thread("ann") if one.sender == "visitor"]
            assert said == [f"第{at}句" for at in range(4)]
            assert trial.shown("ann") == [f"答{at}" for at in range(4)]

        play(story, *[[f"答{at}"] for at in range(4)])

    def test_calls_that_are_not_the_vendors_change_nothing(self, play: Callable[..., None]) -> None:
        async def story(trial: Trial) -> None:
            statuses = await trial.forge()
            await asyncio.sleep(5)
            assert trial.town.engine.requests == []
            assert all(400 <= one < 500 for one in statuses), statuses
            await trial.say("ann", "怎么退货?", "1")
            await asyncio.sleep(10)
            assert len(trial.town.engine.requests) == 1

        play(story, ["可以。"])


async def say_as_agent(town: Town, inbox_id: str, address: str, text: str, *, note: bool = False) -> None:
    """An agent's words to who is at `address`."""
    node = town.nodes[0]
    found = await node.threads.repository.find(inbox_id, address)
    assert found is not None
    _, conversation = await node.threads.conversation_of(found)
    town.said += 1
    await node.conversations.say(conversation, AGENT, text, f"agent_{town.said}", note=note)


async def thread_of(town: Town, inbox_id: str, address: str) -> list[Message]:
    """All messages with who is at `address`."""
    node = town.nodes[0]
    found = await node.threads.repository.find(inbox_id, address)
    assert found is not None
    _, conversation = await node.threads.conversation_of(found)
    return await node.conversations.messages_after(conversation, 0, 200)
