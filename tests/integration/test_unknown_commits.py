"""A commit whose outcome was not heard of is neither lost nor done twice."""

from __future__ import annotations

from tests.conversations.test_operations import CLAIM, begin, reply, send

from miaohui.conversations import operations
from miaohui.conversations.types import Claim, Ending, Handoff
from miaohui.kit.database import Database


async def test_an_ending_that_was_written_before_is_told_as_it_was(database: Database) -> None:
    conversation = await begin(database)
    turn = (await send(database, conversation, "怎么退货", "c1")).turn
    ending = Ending(turn=turn, state="answered", reply=reply(turn), now_ms=2_000)
    first = await database.write(lambda: operations.conclude(ending), key=conversation.id)
    second = await database.write(lambda: operations.conclude(ending), key=conversation.id)
    assert (first.again, second.again) == (False, True)
    assert first.message is not None
    assert second.message is not None
    assert (second.state, second.message.id, second.message.seq) == ("answered", first.message.id, first.message.seq)


async def test_a_handoff_that_was_written_before_brings_its_line_again(database: Database) -> None:
    conversation = await begin(database)
    turn = (await send(database, conversation, "怎么退货", "c1")).turn
    ending = Ending(
        turn=turn,
        state="handed_off",
        reason="customer_request",
        reply=reply(turn),
        handoff=Handoff(reason="customer_request"),
        now_ms=2_000,
    )
    first = await database.write(lambda: operations.conclude(ending), key=conversation.id)
    second = await database.write(lambda: operations.conclude(ending), key=conversation.id)
    assert first.activity is not None
    assert second.activity is not None
    assert second.activity.seq == first.activity.seq == 3
    assert second.conversation is not None
    assert second.conversation.status == "open"


async def test_a_turn_that_this_process_owes_but_does_not_run_is_found_again(database: Database) -> None:
    conversation = await begin(database)
    turn = (await send(database, conversation, "怎么退货", "c1")).turn
    await database.write(lambda: operations.renew(Claim(owner=CLAIM.owner, lease_ms=-1)))
    at_work = await database.write(lambda: operations.adopt(CLAIM, dead_at_once=False, limit=9, running={turn.id}))
    assert at_work == []
    found = await database.write(lambda: operations.adopt(CLAIM, dead_at_once=False, limit=9, running=set()))
    assert [(one.id, one.attempt) for one in found] == [(turn.id, 2)]


async def test_only_the_turns_that_are_named_keep_their_lease(database: Database) -> None:
    conversation = await begin(database)
    kept = (await send(database, conversation, "一", "c1")).turn
    lost = (await send(database, conversation, "二", "c2")).turn
    await database.write(lambda: operations.renew(Claim(owner=CLAIM.owner, lease_ms=-1)))
    await database.write(lambda: operations.keep(CLAIM, [kept.id]))
    heir = Claim(owner="boot_2", lease_ms=15_000)
    found = await database.write(lambda: operations.adopt(heir, dead_at_once=False, limit=9))
    assert [one.id for one in found] == [lost.id]
