"""E-mail does what every channel must, and what only letters do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.mail.post_office import MailTrial, body_of, open_office
from tests.media.samples import DOCX, PDF
from tests.suites.channel import ChannelSuite
from tests.wechat.town import PNG, TENANT

from miaohui.channels.media.types import Sender, mention, named_in
from miaohui.testing.engine import Act


class TestMail(ChannelSuite):
    @asynccontextmanager
    async def open_trial(self, template: Path, folder: Path, *script: list[Act]) -> AsyncIterator[MailTrial]:
        async with open_office(template, folder, *script) as trial:
            yield trial

    def test_long_words_come_in_whole_characters_and_in_order(self, play: Callable[..., None]) -> None:
        async def story(trial: MailTrial) -> None:
            words = "这是一句😀话]]>&<b>。" * 400
            await trial.say("ann", "说说", "1")
            await asyncio.sleep(5)
            await trial.as_agent("ann", words)
            await asyncio.sleep(10)
            assert trial.shown("ann")[1:] == [words]

        play(story, ["可以。"])

    def test_calls_that_are_not_the_vendors_change_nothing(self, play: Callable[..., None]) -> None:
        """Nobody calls; what nobody wrote, and what is no letter, is what must change nothing."""

        async def story(trial: MailTrial) -> None:
            trial.office.arrived.append(
                trial.letter("ann", "我不在", "1", **{"Auto-Submitted": "auto-replied"}).as_bytes()
            )
            trial.office.arrived.append(trial.letter("ann", "list", "2", Precedence="bulk").as_bytes())
            trial.office.arrived += [b"", b"\xff\xfe", b"From: nobody\r\n\r\nhello", b"Subject: x\r\n\r\nhello"]
            own = trial.letter("ann", "x", "3")
            own.replace_header("From", trial.account.address)
            trial.office.arrived.append(own.as_bytes())
            await asyncio.sleep(10)
            assert trial.town.engine.requests == []
            assert trial.office.sent == {"ann@example.org": []}
            await trial.say("ann", "怎么退货?", "4")
            await asyncio.sleep(10)
            assert trial.shown("ann") == ["可以。"]

        play(story, ["可以。"])

    def test_an_answer_is_threaded_under_its_letter(self, play: Callable[..., None]) -> None:
        async def story(trial: MailTrial) -> None:
            trial.office.arrived.append(trial.letter("ann", "怎么退货?", "1", Subject="Re: 订单 4711").as_bytes())
            await asyncio.sleep(5)
            (answer,) = trial.office.sent["ann@example.org"]
            assert answer["Subject"] == "Re: 订单 4711"
            assert answer["In-Reply-To"] == "<ann.1@example.org>"
            assert answer["Auto-Submitted"] == "auto-replied"
            trial.office.arrived.append(trial.letter("ann", "谢谢", "2").as_bytes())
            await asyncio.sleep(5)
            assert [one.text for one in await trial.thread("ann")] == ["怎么退货?", "可以。", "谢谢", "可以。"]
            second = trial.office.sent["ann@example.org"][1]
            assert second["References"].split()[-1] == "<ann.2@example.org>"

        play(story, ["可以。"])

    def test_another_subject_is_another_conversation_of_the_same_person(self, play: Callable[..., None]) -> None:
        async def story(trial: MailTrial) -> None:
            for key, subject in (("1", "退货"), ("2", "发票")):
                letter = trial.letter("ann", subject, key, Subject=subject, References="<else@example.org>")
                trial.office.arrived.append(letter.as_bytes())
                await asyncio.sleep(5)
            node = trial.town.nodes[0]
            from miaohui.channels.mail import repository

            letters = ("<ann.1@example.org>", "<ann.2@example.org>")
            found = await repository.find_addresses(node.database, trial.account.inbox_id, letters)
            threads = [await node.threads.repository.find(trial.account.inbox_id, one) for one in found.values()]
            assert len({one.conversation_id for one in threads if one}) == 2
            assert len({one.contact_id for one in threads if one}) == 1

        play(story, ["可以。"])

    def test_who_answers_anothers_letter_does_not_get_into_their_thread(self, play: Callable[..., None]) -> None:
        async def story(trial: MailTrial) -> None:
            await trial.say("ann", "我的地址是…", "1")
            await asyncio.sleep(5)
            stolen = trial.office.sent["ann@example.org"][0]["Message-ID"]
            trial.office.arrived.append(trial.letter("ben", "告诉我", "1", References=stolen).as_bytes())
            await asyncio.sleep(5)
            assert [one.text for one in await trial.thread("ann")] == ["我的地址是…", "可以。"]
            assert "我的地址" not in "".join(trial.shown("ben"))

        play(story, ["可以。"])

    def test_a_picture_that_is_enclosed_is_kept(self, play: Callable[..., None]) -> None:
        async def story(trial: MailTrial) -> None:
            letter = trial.letter("ann", "请看", "1")
            letter.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
            letter.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="b.svg")
            trial.office.arrived.append(letter.as_bytes())
            await asyncio.sleep(5)
            (heard, *_) = await trial.thread("ann")
            assert heard.text.count("/v1/media/") == 1
            (media_id,) = named_in(heard.text)
            kept = await trial.town.nodes[0].store.find(media_id)
            assert kept is not None
            assert kept.body == PNG
            assert heard.text.endswith("\n[附件 b.svg]"), "what is not taken is named"

        play(story, ["可以。"])

    def test_enclosures_of_all_kinds_go_both_ways(self, play: Callable[..., None]) -> None:
        async def story(trial: MailTrial) -> None:
            letter = trial.letter("ann", "请看附件", "1")
            letter.add_attachment(PDF, maintype="text", subtype="html", filename="发票.pdf")
            letter.add_attachment(b"MZ" + bytes(9), maintype="application", subtype="pdf", filename="..\\run.pdf")
            letter.add_attachment(b"x", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
            trial.office.arrived.append(letter.as_bytes())
            await asyncio.sleep(5)
            (heard, *_) = await trial.thread("ann")
            store = trial.town.nodes[0].store
            (media_id,) = named_in(heard.text)
            assert heard.text == f"请看附件\n[发票.pdf](/v1/media/{media_id})\n[附件 run.pdf]"
            kept = await store.find(media_id)
            assert kept is not None
            assert (kept.type, kept.body) == ("application/pdf", PDF)
            media = await store.keep(Sender(tenant_id=TENANT, name="说明.docx"), "k", DOCX)
            assert media is not None
            await trial.as_agent("ann", f"请填写\n{mention(media.name, media.id)}")
            await asyncio.sleep(5)
            last = trial.office.sent["ann@example.org"][-1]
            (sent,) = last.iter_attachments()
            assert (sent.get_filename(), sent.get_content_type(), sent.get_content()) == ("说明.docx", media.type, DOCX)
            assert "[说明.docx]" in body_of(last)
            assert "/v1/media" not in body_of(last)

        play(story, ["可以。"])

    @pytest.mark.parametrize(("code", "shown"), [("no_reader", ["可以。"]), ("lost", ["可以。", "您好"])])
    def test_what_is_refused_or_unknown_is_not_tried_again(
        self, play: Callable[..., None], code: str, shown: list[str]
    ) -> None:
        async def story(trial: MailTrial) -> None:
            await trial.say("ann", "怎么退货?", "1")
            await asyncio.sleep(5)
            trial.fail(code)
            await trial.as_agent("ann", "您好")
            await asyncio.sleep(120)
            assert trial.shown("ann") == shown

        play(story, ["可以。"])
