"""What is WeCom's own: its log, its sessions, its limits, and setting it up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.doors.building import open_building
from tests.media.samples import AMR, DOCX, MP4, PDF
from tests.support.outside import listening
from tests.wechat.town import AGENT, PNG, TENANT
from tests.wecom.counter import FACTS, Story, WeComTrial, open_counter

from miaohui.channels.media.types import Sender, mention, named_in
from miaohui.channels.wechat import crypto, letters
from miaohui.channels.wecom.policy import judge, place_of
from miaohui.channels.wecom.types import BY_API, ENDED, NEW, QUEUED, SERVED, Account
from miaohui.conversations.types import Message
from miaohui.kit.clock import SystemClock
from miaohui.testing.virtual import run_virtually
from miaohui.testing.wecom import FakeWeCom

OTHER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"


@pytest.fixture
def play(sqlite_template: Path, tmp_path: Path) -> Callable[..., None]:
    def played(story: Story, *script: Any, **account: Any) -> None:
        async def work() -> None:
            async with open_counter(sqlite_template, tmp_path, *script, **account) as trial:
                await story(trial)

        run_virtually(work())

    return played


def said(thread: list[Message]) -> list[tuple[str, str]]:
    return [(one.sender, one.text) for one in thread if one.kind == "text"]


# The callback


def test_the_address_is_verified_with_the_current_and_the_former_key_only(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        for key, expected in ((FACTS["aes_key"], 200), (OTHER_KEY, 200), ("x" * 43, 403)):
            locked = crypto.lock(b"1234567890", key=key, receiver=FACTS["corp_id"], salt=bytes(16))
            query = f"{trial.wecom.sign(locked)}&echostr={locked.replace('+', '%2B').replace('=', '%3D')}"
            status, answer = await trial.call(trial.doors[0], query, b"", "GET")
            assert status == expected
            assert answer == (b"1234567890" if expected == 200 else b"")

    play(story, previous_aes_key=OTHER_KEY)


def test_an_old_call_and_one_for_another_company_are_refused(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        query, body = trial.wecom.call_for()
        await asyncio.sleep(400)
        assert (await trial.call(trial.doors[0], query, body))[0] == 403
        locked = crypto.lock(b"<xml/>", key=FACTS["aes_key"], receiver="ww_other", salt=bytes(16))
        body = letters.format_fields({"Encrypt": locked})
        assert (await trial.call(trial.doors[0], trial.wecom.sign(locked), body))[0] == 403

    play(story)


def test_one_address_serves_all_accounts_of_a_company(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        door = trial.doors[0]
        inbox = await trial.town.nodes[0].inboxes.create(TENANT, "第二个", channel="wecom")
        other = msgspec.structs.replace(trial.wecom.account, inbox_id=inbox.id, open_kfid="wk2")
        await door.accounts.put(other)
        wanted: list[str] = []
        door.puller.want = lambda account, token: wanted.append(account.inbox_id)  # type: ignore[method-assign]
        for kfid in ("wk2", trial.wecom.account.open_kfid, "wk_unknown"):
            query, body = trial.wecom.call_for(OpenKfId=kfid)
            assert (await trial.call(door, query, body))[0] == 200
        assert wanted == [inbox.id, trial.wecom.account.inbox_id]

    play(story)


# The log


def test_what_was_said_before_it_was_set_up_is_not_answered(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        trial.wecom.put("ann", 3, "old", msgtype="text", text={"content": "三天前"}, send_time=1_700_000_000)
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        assert said(await trial.thread("ann")) == [("visitor", "怎么退货?"), ("assistant", "可以。")]

    play(story, ["可以。"], since_ms=1_740_000_000_000)


def test_a_long_log_is_read_page_by_page_and_never_again(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        trial.wecom.page = 2
        for at in range(7):
            trial.wecom.put("ann", 3, f"k{at}", msgtype="text", text={"content": f"第{at}句"})
        trial.wecom.log.insert(3, {"msgid": 7, "unknown": True})
        await trial.wecom.tell()
        await asyncio.sleep(10)
        words = [text for sender, text in said(await trial.thread("ann")) if sender == "visitor"]
        assert words == [f"第{at}句" for at in range(7)]
        cursors = [payload.get("cursor") for path, payload in trial.wecom.calls if path.endswith("sync_msg")]
        assert [one for one in cursors if one in {"c2", "c4", "c6"}] == ["c2", "c4", "c6"]
        await trial.wecom.tell()
        await asyncio.sleep(5)
        assert trial.wecom.calls[-1][1]["cursor"] == "c8"

    play(story, *[[f"答{at}"] for at in range(7)])


def test_a_log_that_is_not_told_now_is_told_soon(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        trial.wecom.sync_codes.extend([45009, -1])
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(20)
        assert trial.shown("ann") == ["可以。"]

    play(story, ["可以。"])


def test_a_call_that_never_came_costs_minutes_and_no_words(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        trial.wecom.nodes = []
        trial.wecom.put("ann", 3, "k", msgtype="text", text={"content": "在吗"})
        trial.wecom.sessions["ann"].state = NEW
        trial.wecom.sessions["ann"].left, trial.wecom.sessions["ann"].until_ms = 5, 2**60
        await asyncio.sleep(330)
        assert trial.shown("ann") == ["可以。"]

    play(story, ["可以。"])


def test_two_nodes_that_are_called_at_once_read_one_after_the_other(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        for at in range(5):
            trial.wecom.sessions["ann"].state = NEW
            trial.wecom.put("ann", 3, f"k{at}", msgtype="text", text={"content": f"第{at}句"})
            await asyncio.gather(*(trial.call(door, *trial.wecom.call_for()) for door in trial.doors))
        await asyncio.sleep(15)
        words = [text for sender, text in said(await trial.thread("ann")) if sender == "visitor"]
        assert words == [f"第{at}句" for at in range(5)]
        assert len(trial.town.engine.requests) == 5

    play(story, *[[f"答{at}"] for at in range(5)])


def test_every_kind_of_message_says_something(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        trial.wecom.files["m1"] = PNG
        place = {"latitude": 23.1, "longitude": 113.3, "name": "广州塔", "address": "海珠区"}
        kinds: list[dict[str, Any]] = [
            {"msgtype": "image", "image": {"media_id": "m1"}},
            {"msgtype": "voice", "voice": {"media_id": "m2"}},
            {"msgtype": "file", "file": {}},
            {"msgtype": "location", "location": place},
            {"msgtype": "link", "link": {"title": "说明书", "url": "https://example.com/a"}},
            {"msgtype": "business_card", "business_card": {"userid": "x"}},
        ]
        for kind in kinds:
            await trial.wecom.say("ann", "", **kind)
        await asyncio.sleep(20)
        words = [text for sender, text in said(await trial.thread("ann")) if sender == "visitor"]
        assert words[0].startswith("![图片](/v1/media/med_")
        assert words[1].startswith("[语音](/v1/media/med_")
        assert words[2:] == ["[文件]", "[位置] 广州塔 海珠区 (23.1, 113.3)", "[链接] 说明书 https://example.com/a"]
        kept = await trial.town.nodes[0].store.find(words[0].removeprefix("![图片](/v1/media/").removesuffix(")"))
        assert kept is not None
        assert kept.body == PNG

    play(story, *[["好"]] * 5)


# Files


def test_files_go_both_ways_as_what_wecom_takes(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        trial.wecom.files.update({"v": AMR, "f": PDF})
        await trial.wecom.say("ann", "", msgtype="voice", voice={"media_id": "v"})
        await trial.wecom.say("ann", "", msgtype="file", file={"media_id": "f"})
        await asyncio.sleep(10)
        store = trial.town.nodes[0].store
        words = [text for sender, text in said(await trial.thread("ann")) if sender == "visitor"]
        came = [await store.find(media_id) for text in words for media_id in named_in(text)]
        assert [(one.type, one.body) for one in came if one] == [("audio/amr", AMR), ("application/pdf", PDF)]
        kinds = {"a.amr": AMR, "a.mp4": MP4, "说明.docx": DOCX}
        kept = [await store.keep(Sender(tenant_id=TENANT, name=name), name, body) for name, body in kinds.items()]
        await trial.as_agent("ann", "\n".join(mention(one.name, one.id) for one in kept if one))
        await asyncio.sleep(10)
        assert trial.wecom.given["ann"] == [("voice", AMR), ("video", MP4), ("file", DOCX)]

    play(story, *[["好"]] * 2)


# Speaking


def test_who_comes_in_is_welcomed_where_wecom_allows_it(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        await trial.wecom.come_in("ann")
        await trial.wecom.come_in("ben", welcome=False)
        await asyncio.sleep(5)
        assert trial.shown("ann") == ["欢迎!"]
        assert trial.shown("ben") == []
        assert trial.town.engine.requests == []

    play(story, welcome="欢迎!")


def test_a_token_that_ended_is_fetched_once(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        await asyncio.gather(*(trial.say(f"p{at}", "怎么退货?", "1") for at in range(6)))
        await asyncio.sleep(10)
        assert trial.wecom.token_calls == 1
        trial.wecom.token_until_ms = 0
        await asyncio.gather(*(trial.as_agent(f"p{at}", "您好") for at in range(6)))
        await asyncio.sleep(10)
        assert trial.wecom.token_calls == 2
        assert all(trial.shown(f"p{at}")[1:] == ["您好"] for at in range(6))

    play(story, *[["可以。"]] * 6)


def test_five_messages_may_follow_a_word_and_the_rest_wait_for_the_next(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        for at in range(6):
            await trial.as_agent("ann", f"第{at}句")
        await asyncio.sleep(20)
        assert trial.shown("ann") == ["可以。", "第0句", "第1句", "第2句", "第3句"]
        refused = [path for path, _ in trial.wecom.calls if path.endswith("send_msg")]
        assert len(refused) == 5
        await trial.say("ann", "还有呢", "2")
        await asyncio.sleep(10)
        assert trial.shown("ann")[5:] == ["第4句", "第5句"]

    play(story, ["可以。"])


def test_what_wecom_could_not_deliver_is_shown_to_the_agent(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        await trial.as_agent("ann", "您好")
        await asyncio.sleep(5)
        assert await trial.sendings("ann") == [("sent", ""), ("sent", "")]
        assert place_of(trial.wecom.sent_ids[-1]) is not None
        await trial.wecom.happen("ann", "msg_send_fail", fail_msgid=trial.wecom.sent_ids[-1], fail_type=10)
        await trial.wecom.happen("ann", "msg_send_fail", fail_msgid="of somebody else", fail_type=10)
        await asyncio.sleep(5)
        assert await trial.sendings("ann") == [("sent", ""), ("undeliverable", "wecom_fail_10")]

    play(story, ["可以。"])


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (0, "sent"),
        (42001, "token"),
        (-1, "again"),
        (95018, "session"),
        (95001, "wait"),
        (40096, "undeliverable"),
        (48002, "config"),
    ],
)
def test_every_code_has_its_meaning(code: int, verdict: str) -> None:
    assert judge(code) == verdict


# Sessions


def test_a_handoff_goes_into_wecoms_queue_after_the_last_words_and_comes_back_at_the_end(
    play: Callable[..., None],
) -> None:
    async def story(trial: WeComTrial) -> None:
        wecom = trial.wecom
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        assert wecom.sessions["ann"].state in {NEW, BY_API}
        conversations = trial.town.nodes[0].conversations
        await conversations.request_human(await trial.conversation("ann"), AGENT)
        await asyncio.sleep(5)
        assert wecom.sessions["ann"].state == QUEUED
        assert (await trial.conversation("ann")).assignee_id.startswith("wecom_")

        await wecom.serve("ann", "zhangsan", "您好, 我是张三。")
        await trial.say("ann", "谢谢", "2")
        await asyncio.sleep(5)
        assert trial.shown("ann") == ["可以。", "您好, 我是张三。"]
        assert len(trial.town.engine.requests) == 1
        notes = [(one.sender_name, one.text) for one in await trial.thread("ann") if one.kind == "note"]
        assert notes == [("zhangsan (企业微信)", "您好, 我是张三。")]
        await trial.as_agent("ann", "我也在")
        await asyncio.sleep(5)
        assert "我也在" not in trial.shown("ann")
        assert (await trial.sendings("ann"))[-1] == ("undeliverable", "wecom_has_it")

        await wecom.close("ann")
        await asyncio.sleep(5)
        assert (await trial.conversation("ann")).status == "resolved"
        await trial.say("ann", "多久退款?", "3")
        await asyncio.sleep(5)
        assert trial.shown("ann")[-1] == "可以的。"

    play(story, ["可以。"], ["可以的。"], handoff="wecom")


@pytest.mark.parametrize(("online", "state"), [({"zhangsan"}, SERVED), (set(), QUEUED)])
def test_a_handoff_goes_to_whom_the_company_named_if_he_is_there(
    play: Callable[..., None], online: set[str], state: int
) -> None:
    async def story(trial: WeComTrial) -> None:
        trial.wecom.online = online
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        await trial.town.nodes[0].conversations.request_human(await trial.conversation("ann"), AGENT)
        await asyncio.sleep(5)
        assert trial.wecom.sessions["ann"].state == state
        moved = [payload for path, payload in trial.wecom.calls if path.endswith("trans")]
        assert len(moved) == (1 if online else 2)

    play(story, ["可以。"], handoff="wecom", servicer="zhangsan")


def test_what_is_resolved_here_is_ended_there(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        conversations = trial.town.nodes[0].conversations
        await conversations.request_human(await trial.conversation("ann"), AGENT)
        await asyncio.sleep(5)
        await conversations.resolve(await trial.conversation("ann"), AGENT)
        await asyncio.sleep(5)
        assert trial.wecom.sessions["ann"].state == ENDED

    play(story, ["可以。"], handoff="wecom")


def test_with_agents_in_the_console_no_session_is_passed_on(play: Callable[..., None]) -> None:
    async def story(trial: WeComTrial) -> None:
        await trial.say("ann", "怎么退货?", "1")
        await asyncio.sleep(5)
        await trial.town.nodes[0].conversations.request_human(await trial.conversation("ann"), AGENT)
        await asyncio.sleep(5)
        await trial.as_agent("ann", "您好, 我是小李。")
        await asyncio.sleep(5)
        assert trial.shown("ann") == ["可以。", "您好, 我是小李。"]
        assert not [path for path, _ in trial.wecom.calls if path.endswith("trans")]

    play(story, ["可以。"])


# Setting it up


async def test_an_account_is_set_up_answers_and_shows_no_secret(migrated: Path, tmp_path: Path) -> None:
    """Over real sockets to the vendor."""
    wecom = FakeWeCom(Account(inbox_id="", tenant_id="", **FACTS), SystemClock())
    async with (
        listening(wecom.application()) as address,
        open_building(migrated, tmp_path, wecom_api_url=address) as building,
    ):
        token = building.ours.agent
        inbox = {"name": "微信客服", "channel": "wecom"}
        made = await building.ask("POST", "/v1/inboxes", token=token, json=inbox)
        path = f"/v1/inboxes/{made.json()['id']}/wecom"
        wrong = await building.ask("POST", path, token=token, json={**FACTS, "aes_key": "short"})
        assert wrong.status == 422
        shown = await building.ask("POST", path, token=token, json=FACTS)
        assert shown.status == 200, shown.body
        told = shown.body + (await building.ask("GET", path, token=token)).body
        assert all(FACTS[name].encode() not in told for name in ("secret", "aes_key", "token"))
        assert (await building.ask("GET", path, token=building.theirs.agent)).status == 404
        callback = shown.json()["callback"]

        async def node(query: str, body: bytes) -> tuple[int, bytes]:
            answer = await building.ask("POST", f"{callback}?{query}", body=body)
            return answer.status, answer.body

        wecom.nodes = [node]
        assert await wecom.say("ann", "怎么退货?", "m1") == [200]
        async with asyncio.timeout(10):
            while not wecom.shown["ann"]:  # noqa: ASYNC110 -- the courier has no event
                await asyncio.sleep(0.02)
        assert (await building.ask("POST", f"{callback}?timestamp=1", body=b"<xml/>")).status == 403
