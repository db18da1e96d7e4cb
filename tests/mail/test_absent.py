"""What somebody who had left did not see goes after them as a letter, once, and their answer comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from tests.mail.post_office import MailTrial, body_of, open_office
from tests.wechat.town import AGENT, TENANT

from miaohui.channels.mail.absent import Absences
from miaohui.contacts.service import Contacts
from miaohui.conversations.types import Conversation, Message
from miaohui.identity.types import Principal
from miaohui.testing.virtual import VirtualClock, run_virtually
from miaohui.turns.types import Send

MINUTE = 3.0
"""Short ones: the house looks about twice a second, and ten of them are silence."""
READER = "mei@example.org"


class Leaver:
    """A visitor of the web widget, in front of two nodes with a mailbox."""

    def __init__(self, trial: MailTrial) -> None:
        self.trial = trial
        self.node = trial.town.nodes[0]
        self.contacts = Contacts(self.node.database, VirtualClock())
        self.conversation: Conversation | None = None
        self.said = 0

    async def come(self, email: str = READER) -> Leaver:
        inbox = await self.node.inboxes.create(TENANT, "官网", channel="web")
        contact = await self.contacts.find_or_create(TENANT, inbox.id, "u_1", "小梅")
        if email:
            await self.contacts.update_attributes(TENANT, contact.id, {"email": email})
        self.conversation = await self.node.conversations.start(contact)
        self.visitor = Principal(tenant_id=TENANT, kind="visitor", id=contact.id, inbox_id=inbox.id)
        return self

    async def now(self) -> Conversation:
        assert self.conversation is not None
        found = await self.node.conversations.find(TENANT, self.conversation.id)
        assert found is not None
        return found

    async def ask(self, text: str) -> None:
        self.said += 1
        await self.node.turns.accept(self.visitor, await self.now(), Send(cmid=f"v{self.said}", text=text))
        await asyncio.sleep(3)

    async def agent(self, text: str, *, note: bool = False) -> None:
        self.said += 1
        await self.node.conversations.say(await self.now(), AGENT, text, f"a{self.said}", note=note)

    async def see(self) -> None:
        await self.node.conversations.mark_seen(await self.now(), self.visitor, (await self.now()).last_seq)

    async def thread(self) -> list[Message]:
        return await self.node.conversations.messages_after(await self.now(), 0, 100)

    def letters(self, to: str = READER) -> list[EmailMessage]:
        return self.trial.office.sent[to]


@pytest.fixture
def play(sqlite_template: Path, tmp_path: Path) -> Callable[..., None]:
    def played(story: Callable[[Leaver], Awaitable[None]], *script: Any) -> None:
        async def work() -> None:
            async with open_office(sqlite_template, tmp_path, *script) as trial:
                for node, postman in zip(trial.town.nodes, trial.postmen, strict=True):
                    contacts = Contacts(node.database, VirtualClock())
                    postman.absences = Absences(
                        node.database, VirtualClock(), node.conversations, contacts, postman.mail
                    )
                    postman.quiet_ms = round(10 * MINUTE * 1000)
                await story(Leaver(trial))

        run_virtually(work())

    return played


def test_who_left_gets_one_letter_with_what_was_said_after(play: Callable[..., None]) -> None:
    async def story(leaver: Leaver) -> None:
        await (await leaver.come()).ask("怎么退货?")
        await leaver.see()
        await leaver.agent("您好, 我是小李。")
        await leaver.agent("只给同事", note=True)
        await leaver.agent("已为您登记 ![图](/v1/media/x)")
        await asyncio.sleep(9 * MINUTE)
        assert leaver.letters() == []
        await asyncio.sleep(2 * MINUTE)
        (letter,) = leaver.letters()
        body = body_of(letter)
        assert "客服: 您好, 我是小李。" in body
        assert "已为您登记 [图]" in body
        assert "只给同事" not in body
        assert "可以。" not in body
        await asyncio.sleep(60 * MINUTE)
        assert len(leaver.letters()) == 1

    play(story, ["可以。"])


def test_who_has_seen_everything_gets_no_letter(play: Callable[..., None]) -> None:
    async def story(leaver: Leaver) -> None:
        await (await leaver.come()).ask("怎么退货?")
        await leaver.agent("您好")
        await leaver.see()
        await asyncio.sleep(60 * MINUTE)
        assert leaver.letters() == []

    play(story, ["可以。"])


@pytest.mark.parametrize("email", ["", "no address", "a@b\r\nBcc: x@example.org", "x" * 230 + "@example.org"])
def test_without_an_address_there_is_no_letter(play: Callable[..., None], email: str) -> None:
    async def story(leaver: Leaver) -> None:
        await (await leaver.come(email)).ask("怎么退货?")
        await leaver.agent("您好")
        await asyncio.sleep(60 * MINUTE)
        assert all(letters == [] for letters in leaver.trial.office.sent.values())

    play(story, ["可以。"])


def test_more_words_are_another_letter_in_the_same_thread(play: Callable[..., None]) -> None:
    async def story(leaver: Leaver) -> None:
        await (await leaver.come()).ask("怎么退货?")
        await leaver.agent("第一句")
        await asyncio.sleep(12 * MINUTE)
        await leaver.agent("第二句")
        await asyncio.sleep(12 * MINUTE)
        first, second = leaver.letters()
        assert "智能助手 (AI): 可以。" in body_of(first)
        assert second["In-Reply-To"] == first["Message-ID"]
        assert "第一句" not in body_of(second)
        assert "第二句" in body_of(second)

    play(story, ["可以。"])


def test_an_answer_to_the_letter_goes_on_with_the_conversation(play: Callable[..., None]) -> None:
    async def story(leaver: Leaver) -> None:
        await (await leaver.come()).ask("怎么退货?")
        await leaver.agent("请问单号是多少?")
        await asyncio.sleep(12 * MINUTE)
        await leaver.trial.say("mei", "单号 4711\n\n在 2026年, Help 写道:\n> x", "9")
        await asyncio.sleep(1 * MINUTE)
        said = [(one.sender, one.text) for one in await leaver.thread() if one.kind == "text"]
        assert said[-1] == ("visitor", "单号 4711")
        forged = leaver.trial.letter("eve", "我是小梅", "1", **{"In-Reply-To": leaver.letters()[0]["Message-ID"]})
        leaver.trial.office.arrived.append(forged.as_bytes())
        await asyncio.sleep(1 * MINUTE)
        assert [one.text for one in await leaver.thread() if one.sender == "visitor"] == ["怎么退货?", "单号 4711"]

    play(story, ["可以。"], ["您好。"])


def test_a_letter_that_did_not_go_is_tried_again_and_an_uncertain_one_is_not(play: Callable[..., None]) -> None:
    async def story(leaver: Leaver) -> None:
        await (await leaver.come()).ask("怎么退货?")
        await leaver.see()
        leaver.trial.fail("away")
        await leaver.agent("您好")
        await asyncio.sleep(12 * MINUTE)
        assert ["您好" in body_of(one) for one in leaver.letters()] == [True]
        leaver.trial.fail("lost")
        await leaver.agent("还在吗")
        await asyncio.sleep(30 * MINUTE)
        assert len(leaver.letters()) == 2

    play(story, ["可以。"])
