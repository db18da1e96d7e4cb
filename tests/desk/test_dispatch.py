"""The queue moves: given out, taken back, told; on both databases, and by several nodes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.desk.place import TENANT, Place, Screen, places_of
from tests.support.clock import ManualClock
from tests.support.waiting import until

from miaohui.conversations.errors import NotYours
from miaohui.conversations.types import Conversation
from miaohui.desk.errors import AgentAway, AlreadyClaimed
from miaohui.desk.types import Presence
from miaohui.identity.types import Principal
from miaohui.inboxes.hours import Hours, Span
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid, NotFound


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def place(database: Database, clock: ManualClock) -> AsyncIterator[Place]:
    here = Place(database, clock)
    yield here
    await here.dispatch.settle()


async def test_who_waits_is_given_to_who_is_free(place: Place) -> None:
    agent = await place.hire("李雷")
    conversation = await place.queued()
    await place.dispatch.drain(TENANT)
    after = await place.now(conversation)
    assert (after.status, after.assignee_id) == ("open", agent.id)
    assert (await place.thread(conversation))[-1].text == "assigned:李雷"


async def test_nobody_is_given_to_who_is_away_or_offline(place: Place) -> None:
    agent = await place.hire("李雷")
    states: tuple[Presence, ...] = ("away", "offline")
    for state in states:
        await place.desk.set_presence(TENANT, agent.id, state)
        conversation = await place.queued()
        await place.dispatch.drain(TENANT)
        assert (await place.now(conversation)).assignee_id == ""


async def test_many_nodes_that_drain_at_once_give_out_each_place_once(database: Database, clock: ManualClock) -> None:
    first = Place(database, clock)
    nodes = [first, *(Place(database, clock, first.people) for _ in range(3))]
    agents = [await first.hire(f"坐席{n}", capacity=2) for n in range(3)]
    waiting = [await first.queued() for _ in range(9)]
    for _ in range(4):
        await asyncio.gather(*(node.dispatch.drain(TENANT) for node in nodes))
    await asyncio.gather(*(node.dispatch.settle() for node in nodes))
    owners = [(await first.now(one)).assignee_id for one in waiting]
    assert sorted(owners.count(agent.id) for agent in agents) == [2, 2, 2]
    assert owners.count("") == 3
    for one in waiting:
        activities = [m.text for m in await first.thread(one) if m.text.startswith("assigned:")]
        assert len(activities) <= 1


async def test_of_two_agents_who_claim_together_one_gets_it_and_the_other_is_told_who(place: Place) -> None:
    for _ in range(5):
        first, second = await place.hire("甲", online=False), await place.hire("乙", online=False)
        conversation = await place.queued()
        results = await asyncio.gather(
            place.handing.claim(conversation, first),
            place.handing.claim(conversation, second),
            return_exceptions=True,
        )
        lost = [result for result in results if isinstance(result, AlreadyClaimed)]
        won = [result for result in results if isinstance(result, Conversation)]
        assert (len(won), len(lost)) == (1, 1)
        winner = first if won[0].assignee_id == first.id else second
        assert lost[0].detail == f"{winner.name} has this conversation."


async def test_claiming_again_what_one_has_changes_nothing(place: Place) -> None:
    agent = await place.hire("甲")
    claimed = await place.handing.claim(await place.queued(), agent)
    assert await place.handing.claim(claimed, agent) == claimed


async def test_what_the_assistant_has_cannot_be_claimed(place: Place) -> None:
    agent = await place.hire("甲")
    conversation = await place.conversations.start(await place.visitor())
    with pytest.raises(NotYours):
        await place.handing.claim(conversation, agent)


async def test_when_an_agent_goes_offline_theirs_wait_again_in_their_old_place(
    place: Place, clock: ManualClock
) -> None:
    agent = await place.hire("甲", capacity=1)
    first = await place.queued()
    await place.dispatch.drain(TENANT)
    clock.advance(60)
    second = await place.queued()
    screen = await place.watch(second)
    await place.dispatch.drain(TENANT)
    await place.desk.set_presence(TENANT, agent.id, "offline")
    await place.dispatch.settle()
    assert (await place.now(first)).assignee_id == ""
    assert (await place.thread(first))[-1].text == "released:甲"
    assert places_of(screen) == [(1, ""), (2, "returned")]
    other = await place.hire("乙", capacity=1)
    await place.dispatch.drain(TENANT)
    assert (await place.now(first)).assignee_id == other.id
    assert (await place.now(second)).assignee_id == ""


async def test_an_agent_of_whom_nothing_is_heard_is_gone_and_one_who_is_heard_of_is_not(
    place: Place, clock: ManualClock
) -> None:
    silent, connected = await place.hire("静", capacity=1), await place.hire("在", capacity=1)
    place.realtime.watch_tenant(TENANT, Screen(connected))
    conversations = [await place.queued() for _ in range(2)]
    await place.dispatch.drain(TENANT)
    for _ in range(4):
        clock.advance(20)
        await place.dispatch.sweep()
    states = {agent.person_id: agent.presence for agent in await place.desk.list_agents(TENANT)}
    assert states == {silent.id: "offline", connected.id: "online"}
    owners = sorted([(await place.now(one)).assignee_id for one in conversations])
    assert owners == sorted(["", connected.id])


async def test_an_agent_who_comes_back_is_given_conversations_again(place: Place, clock: ManualClock) -> None:
    agent = await place.hire("甲")
    clock.advance(100)
    await place.dispatch.sweep()
    conversation = await place.queued()
    await place.dispatch.sweep()
    assert (await place.now(conversation)).assignee_id == ""
    place.realtime.watch_tenant(TENANT, Screen(agent))
    await place.dispatch.sweep()
    assert (await place.now(conversation)).assignee_id == agent.id


async def test_taking_over_shows_that_an_agent_is_there(place: Place) -> None:
    agent = await place.hire("甲", online=False)
    taken = await place.handing.take_over(await place.queued(), agent)
    await place.dispatch.take_back()
    assert (await place.desk.get_agent(TENANT, agent.id)).presence == "away"
    assert (await place.now(taken)).assignee_id == agent.id


async def test_a_resolved_conversation_makes_room_at_once(place: Place) -> None:
    agent = await place.hire("甲", capacity=1)
    place.realtime.on_change(place.dispatch.conversation_changed)
    first, second = await place.queued(), await place.queued()
    await check_owner_soon(place, first, agent.id)
    await place.conversations.resolve(await place.now(first), agent)
    await check_owner_soon(place, second, agent.id)


async def check_owner_soon(place: Place, conversation: Conversation, agent_id: str) -> None:
    async with asyncio.timeout(5):
        while (await place.now(conversation)).assignee_id != agent_id:  # noqa: ASYNC110  (the records have no event)
            await asyncio.sleep(0.005)
    assert (await place.now(conversation)).assignee_id == agent_id


async def test_who_waits_is_told_the_place_the_estimate_and_every_change(place: Place, clock: ManualClock) -> None:
    await place.hire("甲", capacity=1)
    first = await place.queued()
    await place.dispatch.drain(TENANT)
    screens = []
    for _ in range(2):
        clock.advance(1)
        screens.append(await place.watch(await place.queued()))
    await place.dispatch.drain(TENANT)
    assert [places_of(screen) for screen in screens] == [[(1, "")], [(2, "")]]
    assert screens[1].of("queue.updated")[0]["estimate_s"] == 600
    await place.dispatch.drain(TENANT)
    assert [len(places_of(screen)) for screen in screens] == [1, 1], "the same again is not told"
    await place.conversations.resolve(await place.now(first), await place.hire("乙", online=False))
    await place.dispatch.drain(TENANT)
    assert places_of(screens[1]) == [(2, ""), (1, "")]


async def test_who_is_more_urgent_goes_before_and_the_others_are_told_why(place: Place, clock: ManualClock) -> None:
    screen = await place.watch(await place.queued())
    await place.dispatch.drain(TENANT)
    clock.advance(60)
    await place.queued(vip=True)
    await place.dispatch.drain(TENANT)
    assert places_of(screen) == [(1, ""), (2, "priority")]


async def test_where_nobody_is_online_there_is_no_estimate(place: Place) -> None:
    conversation = await place.queued()
    screen = await place.watch(conversation)
    await place.dispatch.drain(TENANT)
    assert "estimate_s" not in screen.of("queue.updated")[0]
    told = await place.dispatch.place_of(await place.now(conversation))
    assert told is not None
    assert (told.position, told.estimate_s) == (1, None)


async def test_who_does_not_wait_has_no_place(place: Place) -> None:
    conversation = await place.conversations.start(await place.visitor())
    assert await place.dispatch.place_of(conversation) is None


async def test_outside_the_hours_the_visitor_is_told_once_and_inside_not_at_all(
    place: Place, clock: ManualClock
) -> None:
    conversation = await place.queued()
    await place.dispatch.drain(TENANT)
    assert [m for m in await place.thread(conversation) if m.sender == "system" and m.kind == "text"] == []
    assert place.inbox is not None
    monday = Hours(timezone="UTC", week=((Span(0, 1),), (), (), (), (), (), ()))
    await place.inboxes.set_hours(TENANT, place.inbox.id, monday)
    closed = await place.queued()
    screen = await place.watch(closed)
    for _ in range(3):
        await place.dispatch.drain(TENANT)
    told = [m.text for m in await place.thread(closed) if m.sender == "system" and m.kind == "text"]
    assert len(told) == 1
    assert "非工作时间" in told[0]
    assert str(screen.of("queue.updated")[0]["opens_at"]).startswith("20")


async def test_a_conversation_is_passed_on_to_an_agent_who_is_there_and_to_nobody_else(place: Place) -> None:
    first, second = await place.hire("甲"), await place.hire("乙", online=False)
    conversation = await place.handing.claim(await place.queued(), first)
    with pytest.raises(AgentAway):
        await place.handing.give(conversation, second.id, first)
    with pytest.raises(NotFound):
        await place.handing.give(conversation, "per_nobody", first)
    await place.desk.set_presence(TENANT, second.id, "away")
    given = await place.handing.give(conversation, second.id, first)
    assert given.assignee_id == second.id


async def test_a_conversation_for_a_team_goes_to_its_members_only(place: Place) -> None:
    outsider, member = await place.hire("外"), await place.hire("内")
    team = await place.desk.create_team(TENANT, "售后", [member.id])
    conversation = await place.handing.claim(await place.queued(), outsider)
    waiting = await place.handing.give_team(conversation, team.id, outsider)
    assert (waiting.assignee_id, waiting.team_id) == ("", team.id)
    await place.dispatch.drain(TENANT)
    assert (await place.now(conversation)).assignee_id == member.id
    await place.desk.delete_team(TENANT, team.id)
    assert (await place.now(conversation)).team_id == ""


async def test_a_snoozed_conversation_wakes_by_itself_and_not_before(place: Place, clock: ManualClock) -> None:
    agent = await place.hire("甲")
    conversation = await place.handing.claim(await place.queued(), agent)
    await place.handing.snooze(conversation, clock.now_ms() + 3_600_000, agent)
    clock.advance(3_599)
    await place.dispatch.wake_due()
    assert (await place.now(conversation)).status == "snoozed"
    clock.advance(1)
    await place.dispatch.wake_due()
    woken = await place.now(conversation)
    assert (woken.status, woken.assignee_id, woken.snoozed_until_ms) == ("open", agent.id, 0)


async def test_the_visitors_word_wakes_a_snoozed_conversation(place: Place, clock: ManualClock) -> None:
    agent = await place.hire("甲")
    conversation = await place.handing.claim(await place.queued(), agent)
    snoozed = await place.handing.snooze(conversation, clock.now_ms() + 3_600_000, agent)
    await place.say(snoozed, "还在吗")
    woken = await place.now(conversation)
    assert (woken.status, woken.snoozed_until_ms) == ("open", 0)
    assert woken.ownership_epoch == snoozed.ownership_epoch + 1


@pytest.mark.parametrize("seconds", [-1, 0, 400 * 24 * 3600])
async def test_nothing_is_snoozed_into_the_past_or_for_ever(place: Place, clock: ManualClock, seconds: int) -> None:
    agent = await place.hire("甲")
    conversation = await place.handing.claim(await place.queued(), agent)
    with pytest.raises(Invalid):
        await place.handing.snooze(conversation, clock.now_ms() + seconds * 1000, agent)


async def test_who_is_named_in_a_note_is_told_and_the_visitor_is_not(place: Place) -> None:
    first, second = await place.hire("李雷"), await place.hire("韩梅梅")
    conversation = await place.handing.claim(await place.queued(), first)
    screen, visitor = Screen(second), await place.watch(conversation)
    place.realtime.watch_tenant(TENANT, screen)
    note, _ = await place.handing.note(conversation, first, "@韩梅梅 帮忙看一下, @没有人", "n1")
    again, dup = await place.handing.note(conversation, first, "@韩梅梅 帮忙看一下, @没有人", "n1")
    assert (again.id, dup) == (note.id, True)
    assert [frame["agents"] for frame in screen.of("mention.created")] == [[second.id]]
    assert visitor.of("mention.created") == []
    found = await place.notebook.mentions(second)
    assert [(one.message_id, one.by_name) for one in found.data] == [(note.id, "李雷")]
    assert (await place.notebook.mentions(first)).data == []


async def test_who_asks_for_a_person_in_the_moment_in_which_one_is_called_is_content(place: Place) -> None:
    asleep = await place.conversations.start(await place.visitor())
    visitor = place.as_visitor(asleep)
    called = await place.conversations.request_human(asleep, visitor, "sentiment")
    asked = await place.conversations.request_human(asleep, visitor)
    assert (asked.ownership_epoch, asked.handoff_reason) == (called.ownership_epoch, "sentiment")
    assert [one.text for one in await place.thread(asleep)] == ["handed_off:sentiment"]


async def test_colleagues_see_who_else_is_looking_and_the_visitor_does_not(place: Place) -> None:
    mei, jun = await place.hire("梅"), await place.hire("军")
    conversation = await place.queued()
    visitor, colleague = await place.watch(conversation), Screen(jun)
    place.realtime.watch_tenant(TENANT, colleague)
    place.handing.look(conversation, mei, on=True)
    place.handing.look(conversation, mei, on=False)
    assert [(one["agent"], one["name"], one["on"]) for one in colleague.of("viewers")] == [
        (mei.id, "梅", True),
        (mei.id, "梅", False),
    ]
    assert visitor.of("viewers") == []


async def test_another_companys_agents_teams_and_queue_are_not_there(place: Place) -> None:
    await place.hire("甲")
    conversation = await place.queued()
    stranger = Principal(tenant_id="ten_2", kind="agent", id="per_x", name="外人", role="owner")
    with pytest.raises(NotFound):
        await place.handing.give_team(conversation, "team_x", stranger)
    assert await place.desk.list_agents("ten_2") == []
    assert await place.dispatch.repository.list_waiting("ten_2") == []


async def test_the_list_of_agents_shows_what_each_has_to_do(place: Place) -> None:
    agent = await place.hire("甲", capacity=3)
    await place.desk.set_abilities(TENANT, agent.id, 3, [" Billing", "billing"], ["ZH"])
    await place.handing.claim(await place.queued(), agent)
    listed = await place.desk.get_agent(TENANT, agent.id)
    assert (listed.load, listed.capacity, listed.skills, listed.languages) == (1, 3, ("billing",), ("zh",))


async def test_until_is_there_for_what_comes_later(place: Place) -> None:
    """What changed hands is followed without anybody asking."""
    place.realtime.on_change(place.dispatch.conversation_changed)
    agent = await place.hire("甲")
    conversation = await place.queued()
    screen = await place.watch(conversation)
    await until(lambda: any(frame["conv"]["assignee_id"] == agent.id for frame in screen.of("conv")))  # type: ignore[index]
    assert (await place.now(conversation)).assignee_id == agent.id
