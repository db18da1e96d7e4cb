"""The model's promises on the real store: any acts in any order, based on what was read at any time before."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select
from tests.desk.place import TENANT, Place
from tests.support.clock import ManualClock

from miaohui.conversations import operations
from miaohui.conversations.errors import NotYours
from miaohui.conversations.ownership import Ownership, is_queued, step
from miaohui.conversations.policy import ownership_of
from miaohui.conversations.tables import turns
from miaohui.conversations.types import (
    Act,
    Claim,
    Conversation,
    Deed,
    Draft,
    Ended,
    Ending,
    Handoff,
    Message,
    Turn,
)
from miaohui.identity.types import Principal
from miaohui.kit.database import Database
from miaohui.kit.ids import new_id

AGENTS = [Principal(tenant_id=TENANT, kind="agent", id=f"per_{name}", name=name, role="agent") for name in "ab"]
DEEDS: tuple[Act, ...] = (
    "take_over", "claim", "assign", "transfer", "release", "hand_back", "resolve", "snooze", "wake", "request",
)  # fmt: skip
TO_HUMANS = ("taken_over", "claimed", "assigned", "transferred", "released", "handed_off", "snoozed", "woken")

deeds = st.tuples(st.just("deed"), st.sampled_from(DEEDS), st.integers(0, 1), st.integers(0, 3))
others = st.tuples(
    st.sampled_from(["visitor", "answer", "hand_off", "adopt", "agent_speaks", "look"]),
    st.just(""),
    st.integers(0, 1),
    st.integers(0, 3),
)
steps = st.lists(st.lists(st.one_of(deeds, others), min_size=1, max_size=3), min_size=1, max_size=14)
ACTIVITY = {
    "take_over": "taken_over:x", "claim": "claimed:x", "assign": "assigned:x", "transfer": "transferred:x",
    "release": "released:x", "hand_back": "handed_back:x", "resolve": "resolved:x", "snooze": "snoozed:x",
    "wake": "woken:x", "request": "handed_off:customer_request",
}  # fmt: skip


class Run:
    """One conversation on the real store. `read` holds what was read at some time: old ones are acted on, too."""

    def __init__(self, place: Place, conversation: Conversation) -> None:
        self.place = place
        self.id = conversation.id
        self.read = [conversation]
        self.turns: list[Turn] = []

    async def now(self) -> Conversation:
        return await self.place.now(self.read[0])

    async def do(self, what: str, act: Act, agent: int, age: int) -> None:
        known = self.read[max(0, len(self.read) - 1 - age)]
        match what:
            case "deed":
                await self.deed(known, act, AGENTS[agent])
            case "visitor":
                accepted = await self.place.say(known, "还在吗")
                if accepted.turn.state == "running":
                    self.turns.append(accepted.turn)
            case "answer" | "hand_off":
                await self.conclude(age, hand_off=what == "hand_off")
            case "adopt":
                await self.adopt()
            case "agent_speaks":
                await self.speak(known, AGENTS[agent])
        self.read.append(await self.now())

    async def deed(self, known: Conversation, act: Act, agent: Principal) -> None:
        """What the store makes of it is what the policy makes of it, or nothing at all."""
        deed = Deed(act=act, agent_id=agent.id, activity=ACTIVITY[act], until_ms=1, reason=_reason(act))
        expected = step(ownership_of(known), act, agent.id)
        try:
            after = await self.place.conversations.do(known, deed, agent)
        except NotYours:
            return
        assert expected is not None
        assert ownership_of(after) == expected

    async def conclude(self, age: int, *, hand_off: bool) -> None:
        if not self.turns:
            return
        turn = self.turns[max(0, len(self.turns) - 1 - age)]
        reply = Draft(
            id=new_id("msg"),
            tenant_id=TENANT,
            conversation_id=self.id,
            sender="assistant",
            sender_id="inb",
            text="答案",
            turn_id=turn.id,
            final=True,
            now_ms=1,
        )
        ending = Ending(
            turn=turn,
            state="handed_off" if hand_off else "answered",
            reply=reply,
            handoff=Handoff(reason="missing_knowledge") if hand_off else None,
            now_ms=1,
        )
        ended: Ended = await self.place.database.write(lambda: operations.conclude(ending), key=self.id)
        if ended.message is not None and not ended.again:
            assert ended.conversation is not None
            assert ended.conversation.status == ("open" if hand_off else "pending")
            assert ended.conversation.ownership_epoch == turn.ownership_epoch + hand_off, "only under its own epoch"

    async def adopt(self) -> None:
        """Its process seemed dead: another one goes on with the same turn, under a higher fence."""
        claim = Claim(owner=new_id("boot"), lease_ms=60_000)
        adopted = await self.place.database.write(lambda: operations.adopt(claim, dead_at_once=True, limit=100))
        self.turns += [turn for turn in adopted if turn.conversation_id == self.id]

    async def speak(self, known: Conversation, agent: Principal) -> None:
        try:
            await self.place.conversations.say(known, agent, "您好", new_id("c"))
        except NotYours:
            return


def _reason(act: Act) -> Any:
    return "customer_request" if act == "request" else None


def check_thread(thread: list[Message]) -> None:
    """Gapless, and after a human took over no word of the assistant until it was given back."""
    assert [message.seq for message in thread] == list(range(1, len(thread) + 1))
    with_humans = resolved = False
    for message in thread:
        if message.kind == "activity":
            name = message.text.partition(":")[0]
            with_humans = name in TO_HUMANS
            resolved = name == "resolved"
        elif message.sender == "visitor":
            resolved = False
        elif message.sender == "assistant":
            assert not with_humans, [f"{one.seq} {one.sender} {one.text}" for one in thread]
            assert not resolved


async def check_nobody_is_left(run: Run) -> None:
    """A last word of the visitor is owed an answer by a turn, or humans have it, or somebody closed who had read it."""
    now = await run.now()
    thread = await run.place.thread(now)
    spoken = [message for message in thread if message.kind == "text"]
    if not spoken or spoken[-1].sender != "visitor" or now.status != "pending":
        assert now.status in {"pending", "open", "snoozed", "resolved"}
        return
    rows = await run.place.database.read(_OWED, {"id": run.id})
    epochs = {row["ownership_epoch"] for row in rows}
    assert now.ownership_epoch in epochs, "pending, unanswered, and nothing is owed"


_OWED = select(turns.c.ownership_epoch).where(turns.c.conversation_id == bindparam("id"), turns.c.state == "running")


def check_owner(now: Conversation) -> None:
    own: Ownership = ownership_of(now)
    assert own.assignee_id in {"", *(agent.id for agent in AGENTS)}
    assert not (own.status == "pending" and own.assignee_id)
    assert is_queued(own) == (own.status == "open" and not own.assignee_id)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(rounds=steps)
async def test_any_acts_in_any_order_keep_every_promise(database: Database, rounds: list[list[Any]]) -> None:
    """Acts of one round happen at once; each is based on what was read now or up to three acts ago."""
    place = Place(database, ManualClock())
    run = Run(place, await place.conversations.start(await place.visitor()))
    for together in rounds:
        await asyncio.gather(*(run.do(*one) for one in together))
        check_owner(await run.now())
        await check_nobody_is_left(run)
    check_thread(await place.thread(await run.now()))


async def test_the_check_of_a_thread_finds_a_word_after_a_take_over() -> None:
    said = [("system", "activity", "taken_over:x"), ("assistant", "text", "迟到的话")]
    thread = [
        Message(id=str(n), conversation_id="c", seq=n, sender=sender, sender_id="s", kind=kind, text=text)  # type: ignore[arg-type]
        for n, (sender, kind, text) in enumerate(said, 1)
    ]
    try:
        check_thread(thread)
    except AssertionError:
        return
    raise AssertionError("not found")


async def test_a_visitors_word_makes_of_each_status_what_the_policy_says(database: Database) -> None:
    place, agent = Place(database, ManualClock()), AGENTS[0]
    ways: tuple[tuple[Act, ...], ...] = (
        (),
        ("request",),
        ("take_over",),
        ("take_over", "snooze"),
        ("take_over", "resolve"),
    )
    for way in ways:
        conversation = await place.conversations.start(await place.visitor())
        for act in way:
            deed = Deed(act=act, agent_id=agent.id, activity=ACTIVITY[act], until_ms=1, reason=_reason(act))
            conversation = await place.conversations.do(conversation, deed, agent)
        accepted = await place.say(conversation, "你好")
        assert ownership_of(accepted.conversation) == step(ownership_of(conversation), "receive")
