"""What is Telegram's own: groups, pictures from people, limits, and setting it up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.doors.building import open_building
from tests.media.samples import DOCX, MP3, MP4, OGG, PDF
from tests.support.outside import listening
from tests.telegram.test_conformance import TelegramTrial, open_trial
from tests.wechat.town import PNG, TENANT

from miaohui.channels.media.types import Sender, mention, named_in
from miaohui.channels.telegram.policy import judge
from miaohui.channels.telegram.types import Account
from miaohui.testing.telegram import FakeTelegram
from miaohui.testing.virtual import run_virtually

TOKEN = "12345:" + "A" * 35


@pytest.fixture
def play(sqlite_template: Path, tmp_path: Path) -> Callable[..., None]:
    def played(story: Callable[[TelegramTrial], Awaitable[None]], *script: Any) -> None:
        async def work() -> None:
            async with open_trial(sqlite_template, tmp_path, *script) as trial:
                await story(trial)

        run_virtually(work())

    return played


def test_a_group_is_not_answered(play: Callable[..., None]) -> None:
    async def story(trial: TelegramTrial) -> None:
        update: dict[str, Any] = {"update_id": 1, "message": {"chat": {"id": -5, "type": "group"}, "text": "hello"}}
        assert await trial.telegram.tell(update) == [200]
        assert await trial.telegram.tell({"update_id": 2, "poll": {"id": "1"}}) == [200]
        await asyncio.sleep(5)
        assert trial.town.engine.requests == []

    play(story)


def test_a_picture_that_somebody_sends_is_fetched_beside_the_conversation(play: Callable[..., None]) -> None:
    async def story(trial: TelegramTrial) -> None:
        trial.telegram.files["large"] = PNG
        sizes = [{"file_id": "small", "file_size": 10}, {"file_id": "large", "file_size": 100}]
        sizes.append({"file_id": "huge", "file_size": 50_000_000})
        await trial.telegram.say(11, "", 1, caption="这是什么?", photo=sizes)
        await asyncio.sleep(5)
        (heard, *_) = await trial.thread("ann")
        words, _, address = heard.text.partition("\n")
        assert words == "这是什么?"
        media_id = address.removeprefix("![图片](/v1/media/").removesuffix(")")
        kept = await trial.town.nodes[0].store.find(media_id)
        assert kept is not None
        assert (kept.state, kept.type, kept.body) == ("kept", "image/png", PNG)

    play(story, ["是图。"])


def test_documents_voices_and_films_come_in_by_their_names_and_what_is_too_large_is_named(
    play: Callable[..., None],
) -> None:
    async def story(trial: TelegramTrial) -> None:
        trial.telegram.files.update({"doc": PDF, "voice": OGG, "film": MP4})
        document = {"file_id": "doc", "file_name": "发票\u202e.pdf", "file_size": len(PDF), "mime_type": "text/html"}
        await trial.telegram.say(11, "", 1, caption="见附件", document=document)
        await trial.telegram.say(11, "", 2, voice={"file_id": "voice", "duration": 2, "file_size": len(OGG)})
        await trial.telegram.say(11, "", 3, video={"file_id": "film", "duration": 2, "width": 1, "height": 1})
        await trial.telegram.say(11, "", 4, document={**document, "file_size": 30_000_000})
        await asyncio.sleep(10)
        words = [one.text for one in await trial.thread("ann") if one.sender == "visitor"]
        assert [re.sub(r"med_\w{32}", "…", one) for one in words] == [
            "见附件\n[发票.pdf](/v1/media/…)",
            "[语音](/v1/media/…)",
            "[视频](/v1/media/…)",
            "[文件 发票.pdf]",
        ]
        store = trial.town.nodes[0].store
        kept = [await store.find(media_id) for text in words for media_id in named_in(text)]
        assert [(one.name, one.type, one.body) for one in kept if one] == [
            ("发票.pdf", "application/pdf", PDF),
            ("audio.ogg", "audio/ogg", OGG),
            ("video.mp4", "video/mp4", MP4),
        ]

    play(story, *[["好"]] * 4)


def test_files_of_an_agent_go_out_as_what_they_are(play: Callable[..., None]) -> None:
    async def story(trial: TelegramTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        store = trial.town.nodes[0].store
        kinds = {"说明.docx": DOCX, "a.ogg": OGG, "a.mp3": MP3, "a.mp4": MP4, "a.png": PNG}
        kept = [await store.keep(Sender(tenant_id=TENANT, name=name), name, body) for name, body in kinds.items()]
        other = await store.keep(Sender(tenant_id="ten_other", name="x.pdf"), "x", PDF)
        named = [mention(one.name, one.id) for one in (*kept, other) if one]
        await trial.as_agent("ann", "\n".join(["请看", *named]))
        await asyncio.sleep(10)
        assert [(how, file.name) for how, file in trial.telegram.given["11"]] == [
            ("sendDocument", "说明.docx"),
            ("sendVoice", "a.ogg"),
            ("sendAudio", "a.mp3"),
            ("sendVideo", "a.mp4"),
            ("sendDocument", "picture.png"),
        ]
        assert trial.telegram.given["11"][0][1].body == DOCX
        assert trial.shown("ann")[1:] == ["请看", "[x.pdf]"], "another company's is not given out"

    play(story, ["可以。"])


def test_too_many_at_once_waits_as_long_as_telegram_says(play: Callable[..., None]) -> None:
    async def story(trial: TelegramTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        trial.telegram.codes.append(429)
        await trial.as_agent("ann", "您好")
        await asyncio.sleep(1.5)
        assert trial.shown("ann") == ["可以。"]
        await asyncio.sleep(3)
        assert trial.shown("ann") == ["可以。", "您好"]

    play(story, ["可以。"])


def test_while_an_answer_is_made_somebody_is_seen_writing_and_no_longer(play: Callable[..., None]) -> None:
    async def story(trial: TelegramTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(0.1)
        assert trial.telegram.typing == [("11", 0)], "at once"
        await asyncio.sleep(30)
        assert trial.shown("ann") == ["可以。"]
        assert trial.telegram.typing == [("11", 0)] * 3, "every four seconds of nine, and not after the answer"

    play(story, [9.0, "可以。"])


def test_nobody_is_seen_writing_where_a_person_answers_or_for_what_was_told_before(play: Callable[..., None]) -> None:
    async def story(trial: TelegramTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(10)
        seen = len(trial.telegram.typing)
        await trial.say_again("ann", "怎么退货?", "1")
        await trial.as_agent("ann", "您好")
        await trial.say("ann", "谢谢", "2")
        await asyncio.sleep(10)
        assert len(trial.telegram.typing) == seen

    play(story, ["可以。"])


def test_an_answer_comes_though_nobody_can_be_seen_writing(play: Callable[..., None]) -> None:
    async def story(trial: TelegramTrial) -> None:
        trial.telegram.typing_fails = True
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(15)
        assert trial.shown("ann") == ["可以。"]
        assert trial.telegram.typing == []

    play(story, [6.0, "可以。"])


@pytest.mark.parametrize(
    ("code", "state"), [(0, "sent"), (429, "waiting"), (403, "undeliverable"), (401, "waiting"), (502, "waiting")]
)
def test_every_code_has_its_meaning(code: int, state: str) -> None:
    assert judge(code, 7).state == state
    assert judge(429, 7).wait_ms == 7_000


async def test_an_account_is_set_up_and_its_token_never_shown(migrated: Path, tmp_path: Path) -> None:
    telegram = FakeTelegram(Account(inbox_id="", tenant_id="", token=TOKEN, mark=""))
    async with (
        listening(telegram.application()) as address,
        open_building(migrated, tmp_path, telegram_api_url=address, public_url="https://help.example.com") as building,
    ):
        token = building.ours.agent
        inbox = {"name": "电报", "channel": "telegram"}
        made = await building.ask("POST", "/v1/inboxes", token=token, json=inbox)
        path = f"/v1/inboxes/{made.json()['id']}/telegram"
        refused = await building.ask("POST", path, token=token, json={"token": "99999:" + "B" * 35})
        assert (refused.status, refused.json()["code"]) == (409, "telegram_refused")
        assert (await building.ask("GET", path, token=token)).status == 404, "nothing is kept that Telegram refused"
        shown = await building.ask("POST", path, token=token, json={"token": TOKEN})
        assert shown.status == 200, shown.body
        assert telegram.webhook["url"] == "https://help.example.com" + shown.json()["callback"]
        assert TOKEN.encode() not in shown.body + (await building.ask("GET", path, token=token)).body
        assert (await building.ask("GET", path, token=building.theirs.agent)).status == 404
        callback, agreed = shown.json()["callback"], dict(telegram.webhook)
        again = await building.ask("POST", path, token=token, json={"token": "99999:" + "B" * 35})
        assert again.status == 409
        assert (await building.ask("GET", path, token=token)).json()["number"] == "12345", "the one before works on"
        other = await building.ask("POST", "/v1/inboxes", token=token, json={"name": "二", "channel": "telegram"})
        theft = f"/v1/inboxes/{other.json()['id']}/telegram"
        taken = await building.ask("POST", theft, token=token, json={"token": TOKEN})
        assert (taken.status, taken.json()["code"], telegram.webhook) == (409, "account_taken", agreed)
        body = b'{"update_id":1,"message":{"chat":{"id":11,"type":"private"},"text":"hello"}}'
        mark = {"x-telegram-bot-api-secret-token": telegram.webhook["secret_token"]}
        assert (await building.ask("POST", callback, body=body)).status == 403
        assert (await building.ask("POST", callback, body=body, headers=mark)).status == 200
        async with asyncio.timeout(5):
            while not telegram.shown["11"]:  # noqa: ASYNC110 -- the courier has no event
                await asyncio.sleep(0.02)
