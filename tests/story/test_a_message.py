"""The life of a message, end to end, but for sockets and providers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

import pytest
from sqlalchemy import text
from tests.story.conftest import AGENT, TENANT, VISITOR, Place
from tests.support.waiting import until

from miaohui.conversations.errors import CmidConflict
from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import EngineBroken
from miaohui.engines.types import Restarted, Started
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid, NotFound, Throttled, Unavailable
from miaohui.testing.engine import Act, FakeEngine
from miaohui.turns import stopping

UNAVAILABLE = EngineBroken(
    Failure(failure_class=FailureClass.TRANSIENT, code="refused", detail="The provider is away.")
)


async def test_a_question_is_answered_with_a_citation_and_written_down(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["七天内", "可以退货。", "[1]"]))
    conversation = await place.begin()
    screen = await place.watch(conversation)
    result = await place.ask(conversation, "怎么退货")
    assert result.state == "answered"
    assert result.message is not None
    assert (result.message.text, result.message.seq) == ("七天内可以退货。[1]", 2)
    assert [c.chunk_id for c in result.message.citations] == ["chk_1"]
    ended = screen.only("stream.end")
    assert screen.streamed() == result.message.text
    assert ended["sha256"] == hashlib.sha256(result.message.text.encode()).hexdigest()
    assert ended["seq"] == 2
    page = await place.journal.find_turn(TENANT, result.turn_id)
    assert page is not None
    assert [stage.name for stage in page.stages] == ["guard", "recall_and_retrieve", "compose", "ask", "stream"]
    assert page.stages[1].facts["knowledge_version"] == 7


async def test_the_durable_message_is_told_before_the_end_of_its_stream(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]))
    conversation = await place.begin()
    screen = await place.watch(conversation)
    await place.ask(conversation, "你好")
    kinds = [frame["t"] for frame in screen.frames]
    assert kinds == ["msg", "stream.open", "stream.delta", "msg", "stream.end", "turn.end"]


async def test_the_next_turn_remembers_the_last(sqlite_database: Database) -> None:
    engine = FakeEngine(["第一答"], ["第二答"])
    place = Place(sqlite_database, engine)
    conversation = await place.begin()
    await place.ask(conversation, "第一问")
    await place.ask(conversation, "第二问")
    contents = [message.content for message in engine.requests[1].messages]
    assert "第一问" in contents
    assert "第一答" in contents


async def test_what_was_said_before_a_restart_is_remembered(sqlite_database: Database) -> None:
    before = Place(sqlite_database, FakeEngine(["第一答"]))
    conversation = await before.begin()
    await before.ask(conversation, "第一问")
    engine = FakeEngine(["第二答"])
    after = Place(sqlite_database, engine)
    await after.ask(conversation, "第二问")
    assert "第一答" in [message.content for message in engine.requests[0].messages]


async def test_a_listed_word_in_the_question_never_reaches_an_engine(sqlite_database: Database) -> None:
    engine = FakeEngine(["好的"])
    place = Place(sqlite_database, engine)
    result = await place.ask(await place.begin(), "坏 词 语")
    assert (result.state, result.reason) == ("answered", "sensitive_word")
    assert engine.requests == []


async def test_a_listed_word_split_over_pieces_never_leaves(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["这是坏", "词", "语, 完了"]))
    conversation = await place.begin()
    screen = await place.watch(conversation)
    result = await place.ask(conversation, "你好")
    assert result.message is not None
    assert "坏词语" not in result.message.text
    assert result.message.text.startswith("这是")
    assert screen.streamed() == result.message.text
    assert all("坏" not in str(frame.get("text", "")) for frame in screen.frames if frame["t"] == "stream.delta")


async def test_a_stream_that_breaks_after_content_begins_anew(sqlite_database: Database) -> None:
    script: list[Act] = ["旧的一半", Restarted(reason="cut"), Started(attempt=2, route="b"), "新的", "全文"]
    place = Place(sqlite_database, FakeEngine(script))
    conversation = await place.begin()
    screen = await place.watch(conversation)
    result = await place.ask(conversation, "你好")
    assert result.message is not None
    assert result.message.text == "新的全文"
    assert screen.streamed() == "新的全文"
    assert screen.only("stream.reset")["attempt"] == 2


async def test_no_engine_at_all_hands_over_with_words(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine([UNAVAILABLE]))
    conversation = await place.begin()
    result = await place.ask(conversation, "你好")
    assert (result.state, result.reason) == ("handed_off", "engines_unavailable")
    assert result.message is not None
    assert "provider" not in result.message.text
    after = await place.repository.find(TENANT, conversation.id)
    assert after is not None
    assert (after.status, after.handoff_reason) == ("open", "engines_unavailable")


async def test_an_engine_that_never_ends_is_ended_by_the_deadline(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["等", 30.0]), turn_s=0.2)
    result = await place.ask(await place.begin(), "你好")
    assert (result.state, result.reason) == ("handed_off", "engines_unavailable")
    assert place.engine.closed_early == 1


async def test_other_last_words_than_those_begun_replace_them_in_the_stream(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["说了一半", UNAVAILABLE]))
    conversation = await place.begin()
    screen = await place.watch(conversation)
    result = await place.ask(conversation, "你好")
    assert result.message is not None
    assert screen.streamed() == result.message.text
    assert "说了一半" not in result.message.text
    assert screen.only("stream.end")["n"] == 1


async def test_a_fault_of_ours_is_not_silence(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]))

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    place.knowledge.retrieve = broken  # type: ignore[method-assign, assignment]
    result = await place.ask(await place.begin(), "你好")
    assert result.state == "handed_off"


@pytest.mark.parametrize("words", ["转人工", "我要找人工客服", "talk to a human please", "人工"])
async def test_asking_for_a_human_gets_one(sqlite_database: Database, words: str) -> None:
    engine = FakeEngine(["好的"])
    place = Place(sqlite_database, engine)
    conversation = await place.begin()
    result = await place.ask(conversation, words)
    assert (result.state, result.reason) == ("handed_off", "customer_request")
    assert engine.requests == []
    assert [m.text for m in await place.thread(conversation)][-1] == "handed_off:customer_request"


@pytest.mark.parametrize("words", ["人工智能是什么", "不要转人工", "人工费多少钱", "humans are funny"])
async def test_words_that_only_sound_like_it_get_an_answer(sqlite_database: Database, words: str) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]))
    assert (await place.ask(await place.begin(), words)).state == "answered"


async def test_after_a_take_over_in_mid_stream_not_one_word_lands(sqlite_database: Database) -> None:
    go_on = asyncio.Event()
    place = Place(sqlite_database, FakeEngine(["您好", go_on, "这句不能出现"]))
    conversation = await place.begin()
    screen = await place.watch(conversation)
    streaming = asyncio.Event()
    screen.on = lambda frame: streaming.set() if frame["t"] == "stream.delta" else None
    accepted = await place.send(conversation, "你好")
    await streaming.wait()
    current = await place.conversations.access(AGENT, conversation.id)
    await place.conversations.take_over(current, AGENT)
    go_on.set()
    result = await place.turns.follow(TENANT, accepted.turn.id)
    assert (result.state, result.reason, result.message) == ("superseded", "taken_over", None)
    assert [m.sender for m in await place.thread(conversation)] == ["visitor", "system"]
    assert "这句不能出现" not in screen.streamed()
    assert place.engine.closed_early == 1


async def test_a_turn_in_line_is_overtaken_too(sqlite_database: Database) -> None:
    go_on = asyncio.Event()
    engine = FakeEngine(["一", go_on])
    place = Place(sqlite_database, engine)
    conversation = await place.begin()
    first = await place.send(conversation, "第一问")
    second = await place.send(conversation, "第二问")
    await place.conversations.take_over(await place.conversations.access(AGENT, conversation.id), AGENT)
    results = [await place.turns.follow(TENANT, turn.turn.id) for turn in (first, second)]
    assert [result.state for result in results] == ["superseded", "superseded"]
    assert len(engine.requests) <= 1


async def test_handed_back_the_assistant_answers_again(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]))
    conversation = await place.begin()
    taken = await place.conversations.take_over(conversation, AGENT)
    assert (await place.ask(taken, "在吗")).state == "handed_off"
    back = await place.conversations.hand_back(await place.conversations.access(AGENT, conversation.id), AGENT)
    assert (await place.ask(back, "在吗")).state == "answered"


async def test_a_stopped_answer_keeps_what_was_read(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["读到这里", 30.0, "没有读到"]))
    conversation = await place.begin()
    screen = await place.watch(conversation)
    streaming = asyncio.Event()
    screen.on = lambda frame: streaming.set() if frame["t"] == "stream.delta" else None
    accepted = await place.send(conversation, "你好")
    await streaming.wait()
    await place.turns.cancel(VISITOR, accepted.turn.id)
    result = await place.turns.follow(TENANT, accepted.turn.id)
    assert (result.state, result.reason) == ("answered", "cancelled")
    assert result.message is not None
    assert result.message.text == screen.streamed()
    assert "没有读到" not in result.message.text


async def test_a_node_that_did_not_hear_of_a_stop_is_told_again_until_it_has_ended(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "ASK_AGAIN_S", 0.01)
    here, elsewhere = (Place(sqlite_database, FakeEngine(["读到这里", 30.0, "没有读到"])) for _ in range(2))
    asked: list[str] = []

    def hear(_: str, turn_id: str) -> None:
        asked.append(turn_id)
        if len(asked) == 3:
            here.turns.stop(turn_id)

    monkeypatch.setattr(elsewhere.realtime, "ask_stop", hear)
    accepted = await here.send(await here.begin(), "你好")
    await until(lambda: here.engine.requests)
    await elsewhere.turns.cancel(VISITOR, accepted.turn.id)
    assert (await here.turns.follow(TENANT, accepted.turn.id)).reason == "cancelled"
    told = len(asked)
    await elsewhere.turns.cancel(VISITOR, accepted.turn.id)
    await asyncio.sleep(0.05)
    assert told >= 3
    assert len(asked) <= told + 1
    assert set(asked) == {accepted.turn.id}


async def test_a_stop_that_is_asked_for_many_times_is_passed_on_once_at_a_time(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = (Place(sqlite_database, FakeEngine(["读到这里", 30.0, "没有读到"])) for _ in range(2))
    asked: list[str] = []
    monkeypatch.setattr(elsewhere.realtime, "ask_stop", lambda _, turn_id: asked.append(turn_id))
    accepted = await here.send(await here.begin(), "你好")
    await until(lambda: here.engine.requests)
    for _ in range(50):
        await elsewhere.turns.cancel(VISITOR, accepted.turn.id)
    assert asked == [accepted.turn.id]
    here.turns.stop(accepted.turn.id)
    assert (await here.turns.follow(TENANT, accepted.turn.id)).reason == "cancelled"


async def test_nobody_stops_another_visitors_answer(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好", 0.05, "的"]))
    accepted = await place.send(await place.begin(), "你好")
    stranger = type(VISITOR)(tenant_id=TENANT, kind="visitor", id="cont_2")
    with pytest.raises(NotFound):
        await place.turns.cancel(stranger, accepted.turn.id)
    result = await place.turns.follow(TENANT, accepted.turn.id)
    assert result.message is not None
    assert result.message.text == "好的"


async def test_over_the_limit_nothing_is_stored(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]), burst=2)
    conversation = await place.begin()
    await place.ask(conversation, "一")
    await place.ask(conversation, "二")
    with pytest.raises(Throttled) as refusal:
        await place.send(conversation, "三")
    assert refusal.value.retry_after_s
    assert len(await place.thread(conversation)) == 4


@pytest.mark.parametrize("full", ["limit", "line"])
async def test_a_retry_of_what_was_accepted_gets_its_first_ack_whatever_is_full(
    sqlite_database: Database, full: str
) -> None:
    place = Place(sqlite_database, FakeEngine([asyncio.Event()]), burst=2 if full == "limit" else 100)
    conversation = await place.begin()
    taken = [await place.send(conversation, f"问 {n}", f"c{n}") for n in range(2 if full == "limit" else 3)]
    for n, first in enumerate(taken):
        again = await place.send(conversation, f"问 {n}", f"c{n}")
        assert (again.dup, again.message.id, again.turn.id) == (True, first.message.id, first.turn.id)
    with pytest.raises(CmidConflict):
        await place.send(conversation, "别的", "c0")
    with pytest.raises((Throttled, Unavailable)):
        await place.send(conversation, "问 0", "new")
    assert len(await place.thread(conversation)) == len(taken)


async def test_a_full_line_refuses_before_it_accepts(sqlite_database: Database) -> None:
    go_on = asyncio.Event()
    place = Place(sqlite_database, FakeEngine([go_on, "好的"]))
    conversation = await place.begin()
    taken = [await place.send(conversation, f"问 {n}") for n in range(3)]
    with pytest.raises(Unavailable) as refusal:
        await place.send(conversation, "问 4")
    assert refusal.value.code == "overloaded"
    go_on.set()
    for accepted in taken:
        assert (await place.turns.follow(TENANT, accepted.turn.id)).state == "answered"
    assert [m.seq for m in await place.thread(conversation)] == list(range(1, 7))


async def test_a_late_event_loop_refuses_before_it_accepts(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]), lag_s=2.0)
    conversation = await place.begin()
    with pytest.raises(Unavailable) as refusal:
        await place.send(conversation, "你好")
    assert refusal.value.code == "overloaded"
    assert await place.thread(conversation) == []


async def test_the_same_send_again_gives_the_first_ack_and_no_second_answer(sqlite_database: Database) -> None:
    engine = FakeEngine(["好的"])
    place = Place(sqlite_database, engine)
    conversation = await place.begin()
    first = await place.send(conversation, "你好", "same")
    again = await place.send(conversation, "你好", "same")
    assert (again.dup, again.message.seq, again.turn.id) == (True, first.message.seq, first.turn.id)
    await place.turns.follow(TENANT, first.turn.id)
    assert (await place.turns.follow(TENANT, again.turn.id)).state == "answered"
    assert len(engine.requests) == 1
    with pytest.raises(CmidConflict):
        await place.send(conversation, "别的", "same")


@pytest.mark.parametrize(
    ("text", "cmid"), [("", "c"), (" \n ", "c"), ("x" * 20_000, "c"), ("好", "有空 格"), ("\x00", "c")]
)
async def test_a_message_that_cannot_be_stored_is_refused_by_name(
    sqlite_database: Database, text: str, cmid: str
) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]))
    conversation = await place.begin()
    with pytest.raises(Invalid) as refusal:
        await place.send(conversation, text, cmid)
    assert refusal.value.errors
    assert await place.thread(conversation) == []


async def test_a_turn_left_by_a_dead_process_is_answered_by_the_next_under_a_new_attempt(
    sqlite_database: Database, run_recovery: Callable[[Place], None]
) -> None:
    dead = Place(sqlite_database, FakeEngine(["旧的一半", 30.0]))
    conversation = await dead.begin()
    accepted = await dead.send(conversation, "怎么退货")
    heir = Place(sqlite_database, FakeEngine(["新的全文"]))
    screen = await heir.watch(conversation)
    run_recovery(heir)
    result = await heir.turns.follow(TENANT, accepted.turn.id)
    assert result.message is not None
    assert result.message.text == "新的全文"
    assert int(str(screen.only("stream.reset")["attempt"])) > 1
    assert [m.final for m in await heir.thread(conversation)] == [False, True]
    await dead.turns.cancel(VISITOR, accepted.turn.id)


async def test_a_turn_that_keeps_killing_its_process_is_given_to_a_human(
    sqlite_database: Database, run_recovery: Callable[[Place], None]
) -> None:
    first = Place(sqlite_database, FakeEngine([30.0]))
    conversation = await first.begin()
    accepted = await first.send(conversation, "毒药")
    for _ in range(2):
        sick = Place(sqlite_database, FakeEngine([30.0]))
        run_recovery(sick)
        await until(lambda: sick.engine.requests)  # noqa: B023  (awaited at once)
    last = Place(sqlite_database, FakeEngine(["好的"]))
    run_recovery(last)
    result = await last.turns.follow(TENANT, accepted.turn.id)
    assert (result.state, result.reason) == ("handed_off", "engines_unavailable")
    found = await last.repository.find(TENANT, conversation.id)
    assert found is not None
    assert found.status == "open"
    assert last.engine.requests == []


async def test_a_turn_that_was_taken_over_while_nobody_ran_it_says_nothing_when_it_is_adopted(
    sqlite_database: Database, run_recovery: Callable[[Place], None]
) -> None:
    dead = Place(sqlite_database, FakeEngine([30.0]))
    conversation = await dead.begin()
    accepted = await dead.send(conversation, "退货要几天")
    await until(lambda: dead.engine.requests)
    other = Place(sqlite_database, FakeEngine(["不该说的话"]))
    found = await other.repository.find(TENANT, conversation.id)
    assert found is not None
    await other.conversations.take_over(found, AGENT)
    heir = Place(sqlite_database, FakeEngine(["不该说的话"]))
    screen = await heir.watch(conversation)
    run_recovery(heir)
    result = await heir.turns.follow(TENANT, accepted.turn.id)
    assert result.state == "superseded"
    assert screen.streamed() == ""
    await dead.turns.cancel(VISITOR, accepted.turn.id)


async def test_what_no_agent_answered_the_assistant_answers_when_it_is_handed_back(
    sqlite_database: Database, run_recovery: Callable[[Place], None]
) -> None:
    place = Place(sqlite_database, FakeEngine(["七天内可以退。"]))
    run_recovery(place)
    conversation = await place.conversations.take_over(await place.begin(), AGENT)
    await place.send(conversation, "退货要几天")
    found = await place.repository.find(TENANT, conversation.id)
    assert found is not None
    await place.conversations.hand_back(found, AGENT)
    await until(lambda: place.engine.requests)
    for _ in range(200):
        if (thread := await place.thread(conversation))[-1].final:
            break
        await asyncio.sleep(0.01)
    assert [(m.sender, m.kind) for m in thread[-2:]] == [("system", "activity"), ("assistant", "text")]


async def test_what_an_agent_answered_is_not_answered_again_when_it_is_handed_back(
    sqlite_database: Database, run_recovery: Callable[[Place], None]
) -> None:
    place = Place(sqlite_database, FakeEngine(["七天内可以退。"]))
    conversation = await place.conversations.take_over(await place.begin(), AGENT)
    await place.send(conversation, "退货要几天")
    found = await place.repository.find(TENANT, conversation.id)
    assert found is not None
    await place.conversations.say(found, AGENT, "七天", "c9")
    await place.conversations.hand_back(found, AGENT)
    assert await sqlite_database.read(text("SELECT id FROM turns WHERE state = 'running'")) == []


PICTURE = "![截图.png](/v1/media/med_" + "0" * 32 + ")"


@pytest.mark.parametrize("text", [PICTURE, f"{PICTURE}\n{PICTURE}", PICTURE.replace("![截图.png]", "[语音]")])
async def test_a_picture_alone_gets_an_honest_sentence_and_no_engine_is_asked(
    sqlite_database: Database, text: str
) -> None:
    place = Place(sqlite_database, FakeEngine(["不该问"]))
    result = await place.ask(await place.begin(), text)
    assert result.message is not None
    assert "看不了" in result.message.text, "in the inbox's language, whatever the file is called"
    assert (result.state, result.reason) == ("answered", "unseen")
    assert (place.engine.requests, place.knowledge.asked) == ([], [])


async def test_words_beside_a_picture_are_answered_and_the_engine_is_told_what_it_cannot_see(
    sqlite_database: Database,
) -> None:
    place = Place(sqlite_database, FakeEngine(["七天内可以退货。[1]"]))
    conversation = await place.begin()
    await place.ask(conversation, f"怎么退货\n{PICTURE}")
    (request,) = place.engine.requests
    assert (place.knowledge.asked, request.question) == (["怎么退货"], "怎么退货")
    assert request.personal, "nobody without that picture is told the same"
    assert "看不到里面的内容" in request.messages[-1].content
    assert not any("/v1/media/" in one.content for one in request.messages)
    assert (await place.thread(conversation))[0].text.endswith(PICTURE), "the picture itself is kept"


async def test_who_sends_a_picture_and_asks_for_a_person_gets_one(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["不该问"]))
    result = await place.ask(await place.begin(), f"转人工\n{PICTURE}")
    assert (result.state, result.reason) == ("handed_off", "customer_request")


@pytest.mark.parametrize("text", ["![图](https://x.example.com/a.png)", "![图](/v1/media/med_1)", "见 (/v1/media/)"])
async def test_what_only_looks_like_a_picture_of_ours_is_a_question(sqlite_database: Database, text: str) -> None:
    place = Place(sqlite_database, FakeEngine(["好的"]))
    await place.ask(await place.begin(), text)
    assert (place.knowledge.asked, place.engine.requests[0].personal) == ([text], False)


async def test_a_yes_to_the_colleague_who_was_offered_brings_one(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["没有找到。需要的话，我可以为您转接人工客服。"], ["好的。"]))
    conversation = await place.begin()
    await place.ask(conversation, "可以用比特币付款吗")
    result = await place.ask(conversation, "好的")
    assert (result.state, result.reason) == ("handed_off", "customer_request")
    other = await place.begin()
    assert (await place.ask(other, "好的")).state == "answered"


async def test_a_question_that_leans_on_the_one_before_is_looked_up_with_it(sqlite_database: Database) -> None:
    place = Place(sqlite_database, FakeEngine(["七天。"], ["买家出。"], ["不客气"], ["三天。"]))
    conversation = await place.begin()
    for words in ("怎么退货", "那运费呢", "谢谢", "那几天到账呢"):
        await place.ask(conversation, words)
    assert place.knowledge.asked == ["怎么退货", "怎么退货 → 那运费呢", "谢谢", "怎么退货 → 那几天到账呢"]
