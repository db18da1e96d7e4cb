"""What is written, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from miaohui.conversations import changes, operations
from miaohui.conversations.errors import CmidConflict, NotYours
from miaohui.conversations.policy import body_hash
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.types import Accepted, Change, Claim, Conversation, Draft, Ending, Filter, Handoff, Turn
from miaohui.kit.database import Database
from miaohui.kit.errors import NotFound
from miaohui.kit.ids import new_id

TENANT = "tenant_a"
CLAIM = Claim(owner="boot_1", lease_ms=15_000)


async def begin(database: Database, tenant: str = TENANT) -> Conversation:
    fresh = Conversation(
        id=new_id("conv"), tenant_id=tenant, inbox_id="inbox_1", contact_id="cont_1", created_at_ms=1, updated_at_ms=1
    )
    return await database.write(lambda: operations.start(fresh), key=fresh.id)


def draft(conversation: Conversation, text: str, cmid: str, **changes: object) -> Draft:
    values: dict[str, object] = {
        "id": new_id("msg"),
        "tenant_id": conversation.tenant_id,
        "conversation_id": conversation.id,
        "sender": "visitor",
        "sender_id": "cont_1",
        "text": text,
        "turn_id": new_id("turn"),
        "principal": "visitor:cont_1",
        "cmid": cmid,
        "body_hash": body_hash(text),
        "now_ms": 1_000,
    }
    return Draft(**(values | changes))  # type: ignore[arg-type]


async def send(database: Database, conversation: Conversation, text: str, cmid: str, **changes: object) -> Accepted:
    item = draft(conversation, text, cmid, **changes)
    return await database.write(lambda: operations.accept(item, item.turn_id, CLAIM), key=conversation.id)


def reply(turn: Turn, text: str = "请在七天内申请。") -> Draft:
    return Draft(
        id=new_id("msg"),
        tenant_id=turn.tenant_id,
        conversation_id=turn.conversation_id,
        sender="assistant",
        sender_id="inbox_1",
        text=text,
        turn_id=turn.id,
        final=True,
        now_ms=2_000,
    )


async def change(database: Database, conversation: Conversation, to: Change) -> Conversation:
    note = draft(conversation, to.activity, "", sender="system", kind="activity", principal="", turn_id="")
    after, _ = await database.write(lambda: changes.change_owner(conversation, to, note), key=conversation.id)
    return after


async def test_parallel_messages_are_numbered_without_a_gap(database: Database) -> None:
    conversation = await begin(database)
    accepted = await asyncio.gather(*(send(database, conversation, f"问题 {n}", f"c{n}") for n in range(40)))
    assert sorted(item.message.seq for item in accepted) == list(range(1, 41))
    stored = await ConversationsRepository(database).messages_after(TENANT, conversation.id, 0, 100)
    assert [message.seq for message in stored] == list(range(1, 41))


async def test_the_same_send_many_times_at_once_is_one_message(database: Database) -> None:
    conversation = await begin(database)
    accepted = await asyncio.gather(*(send(database, conversation, "怎么退货", "same") for _ in range(30)))
    assert {item.message.seq for item in accepted} == {1}
    assert len({item.message.id for item in accepted}) == 1
    assert [item.dup for item in accepted].count(False) == 1


async def test_a_client_id_used_for_another_text_stores_nothing(database: Database) -> None:
    conversation = await begin(database)
    await send(database, conversation, "怎么退货", "same")
    with pytest.raises(CmidConflict):
        await send(database, conversation, "怎么换货", "same")
    assert len(await ConversationsRepository(database).messages_after(TENANT, conversation.id, 0, 10)) == 1


async def test_two_senders_may_use_the_same_client_id(database: Database) -> None:
    conversation = await begin(database)
    first = await send(database, conversation, "一", "same")
    second = await send(database, conversation, "二", "same", principal="key:2")
    assert (first.message.seq, second.message.seq) == (1, 2)


async def test_a_refused_message_takes_no_number(database: Database) -> None:
    conversation = await begin(database)
    await send(database, conversation, "一", "c1")
    with pytest.raises(CmidConflict):
        await send(database, conversation, "别的", "c1")
    assert (await send(database, conversation, "二", "c2")).message.seq == 2


async def test_another_tenants_conversation_is_not_there(database: Database) -> None:
    conversation = await begin(database, tenant="tenant_b")
    with pytest.raises(NotFound):
        await send(database, conversation, "你好", "c1", tenant_id=TENANT)
    assert await ConversationsRepository(database).find(TENANT, conversation.id) is None


async def test_a_turn_is_answered_once(database: Database) -> None:
    conversation = await begin(database)
    turn = (await send(database, conversation, "怎么退货", "c1")).turn
    assert turn.state == "running"
    ending = Ending(turn=turn, state="answered", reply=reply(turn), now_ms=2_000)
    first = await database.write(lambda: operations.conclude(ending), key=conversation.id)
    again = Ending(turn=turn, state="answered", reply=reply(turn, "别的回答"), now_ms=3_000)
    second = await database.write(lambda: operations.conclude(again), key=conversation.id)
    assert (first.state, first.message is not None) == ("answered", True)
    assert (second.state, second.message) == ("superseded", None)
    final = await ConversationsRepository(database).find_final(TENANT, turn.id)
    assert final is not None
    assert (final.seq, final.text) == (2, "请在七天内申请。")


async def test_after_a_take_over_no_word_of_the_assistant_lands(database: Database) -> None:
    conversation = await begin(database)
    turn = (await send(database, conversation, "怎么退货", "c1")).turn
    taken = await change(database, conversation, Change(status="open", assignee_id="pers_1", activity="taken_over:李"))
    assert taken.ownership_epoch == conversation.ownership_epoch + 1
    ending = Ending(turn=turn, state="answered", reply=reply(turn), now_ms=2_000)
    ended = await database.write(lambda: operations.conclude(ending), key=conversation.id)
    assert (ended.state, ended.reason, ended.message) == ("superseded", "taken_over", None)
    repository = ConversationsRepository(database)
    assert [m.sender for m in await repository.messages_after(TENANT, conversation.id, 0, 10)] == ["visitor", "system"]
    stored = await repository.find_turn(TENANT, turn.id)
    assert stored is not None
    assert stored.state == "superseded"


async def test_two_agents_at_once_only_one_gets_it(database: Database) -> None:
    conversation = await begin(database)
    claims = [
        change(database, conversation, Change(status="open", assignee_id=f"pers_{n}", activity=f"taken_over:{n}"))
        for n in range(5)
    ]
    results = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(isinstance(result, Conversation) for result in results) == 1
    assert sum(isinstance(result, NotYours) for result in results) == 4


async def test_a_message_to_a_human_owes_no_answer(database: Database) -> None:
    conversation = await begin(database)
    await change(database, conversation, Change(status="open", waiting=True, activity="handed_off:customer_request"))
    accepted = await send(database, conversation, "在吗", "c1")
    assert (accepted.turn.state, accepted.conversation.status) == ("handed_off", "open")


async def test_a_word_in_a_resolved_conversation_gives_it_back_to_the_assistant(database: Database) -> None:
    conversation = await begin(database)
    done = await change(database, conversation, Change(status="resolved", activity="resolved:李"))
    accepted = await send(database, conversation, "还有个问题", "c1")
    assert (accepted.conversation.status, accepted.turn.state) == ("pending", "running")
    assert accepted.conversation.ownership_epoch == done.ownership_epoch + 1


async def test_a_handoff_leaves_words_an_activity_and_a_waiting_time(database: Database) -> None:
    conversation = await begin(database)
    turn = (await send(database, conversation, "转人工", "c1")).turn
    ending = Ending(
        turn=turn,
        state="handed_off",
        reason="customer_request",
        reply=reply(turn, "好的"),
        handoff=Handoff(reason="customer_request"),
        now_ms=2_000,
    )
    ended = await database.write(lambda: operations.conclude(ending), key=conversation.id)
    assert ended.conversation is not None
    assert ended.activity is not None
    assert (ended.conversation.status, ended.conversation.waiting_since_ms) == ("open", 2_000)
    assert ended.activity.text == "handed_off:customer_request"


async def test_turns_of_a_dead_process_are_adopted_once(database: Database) -> None:
    conversation = await begin(database)
    turn = (await send(database, conversation, "怎么退货", "c1")).turn
    heir = Claim(owner="boot_2", lease_ms=15_000)
    adopted = await database.write(lambda: operations.adopt(heir, dead_at_once=True, limit=10))
    assert [(t.id, t.attempt, t.fence, t.question) for t in adopted] == [(turn.id, 2, 2, "怎么退货")]
    assert await database.write(lambda: operations.adopt(heir, dead_at_once=True, limit=10)) == []
    zombie = Ending(turn=turn, state="answered", reply=reply(turn), now_ms=2_000)
    ended = await database.write(lambda: operations.conclude(zombie), key=conversation.id)
    assert (ended.reason, ended.message) == ("fenced", None)


async def test_a_lease_that_runs_is_left_alone_and_one_that_is_over_is_not(database: Database) -> None:
    conversation = await begin(database)
    await send(database, conversation, "怎么退货", "c1")
    heir = Claim(owner="boot_2", lease_ms=15_000)
    assert await database.write(lambda: operations.adopt(heir, dead_at_once=False, limit=10)) == []
    await database.write(lambda: operations.renew(Claim(owner="boot_1", lease_ms=-1)))
    assert len(await database.write(lambda: operations.adopt(heir, dead_at_once=False, limit=10))) == 1


async def test_the_conversation_list_pages_from_the_newest(database: Database) -> None:
    for at_ms in (10, 30, 20):
        conversation = await begin(database)
        await send(database, conversation, f"在 {at_ms}", "c1", now_ms=at_ms)
    repository = ConversationsRepository(database)
    first = await repository.list_page(TENANT, Filter(), before=None, limit=2)
    assert [c.preview for c in first] == ["在 30", "在 20"]
    last = first[-1]
    rest = await repository.list_page(TENANT, Filter(), before=(last.updated_at_ms, last.id), limit=2)
    assert [c.preview for c in rest] == ["在 10"]
    assert await repository.list_page("tenant_b", Filter(), before=None, limit=9) == []
