"""No order of events lets the assistant speak over a human, gives a thread two owners, or leaves a visitor alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import pytest
from tests.desk.model import AGENTS, Move, World, explore

from miaohui.conversations.ownership import STATUSES, Ownership, is_queued, may_answer, step
from miaohui.conversations.statements import ANSWER, RECEIVE
from miaohui.conversations.types import Act

OF_THE_SYSTEM = ("turn ", "desk ")
BY_GOOD_WILL = ("a comes back", "b comes back", "a speaks", "b speaks")


_graph: dict[World, list[Move]] = {}


def graph() -> dict[World, list[Move]]:
    """Explored once."""
    _graph.update(_graph or explore())
    return _graph


def _wrong(world: World) -> list[str]:
    return [name for name, holds in INVARIANTS.items() if not holds(world)]


INVARIANTS: dict[str, Callable[[World], bool]] = {
    "no word of the assistant after a take-over": lambda world: not world.spoke_after,
    "never two owners": lambda world: (
        not (world.own.assignee_id and (world.own.status == "pending" or world.own.assignee_id not in AGENTS))
    ),
    "the assistant answers only what is its own": lambda world: (
        not (world.taken and may_answer(world.own, world.own.epoch))
    ),
    "no visitor with nobody": lambda world: not world.word or _has_somebody(world),
}


def _has_somebody(world: World) -> bool:
    """A turn is owed, or it is in the queue or put aside with a clock, or an agent has it, who is here or is missed."""
    own = world.own
    if own.status == "pending":
        return world.turn in {"runs", "died"}
    return own.status in {"open", "snoozed"}


def test_every_state_keeps_every_promise() -> None:
    assert len(graph()) > 10_000
    assert [(world, _wrong(world)) for world in graph() if _wrong(world)] == []


def test_from_every_state_a_waiting_visitor_can_be_answered_without_doing_anything() -> None:
    """Backwards from the answered states, along moves of the system and of agents who come back and speak."""
    before: dict[World, list[World]] = {}
    for world, following in graph().items():
        for name, after in following:
            if name.startswith((*OF_THE_SYSTEM, *BY_GOOD_WILL)):
                before.setdefault(after, []).append(world)
    reached = {world for world in graph() if not world.word}
    line = deque(reached)
    while line:
        for earlier in before.get(line.popleft(), ()):
            if earlier not in reached:
                reached.add(earlier)
                line.append(earlier)
    assert [world for world in graph() if world not in reached] == []


def test_a_gone_agents_conversation_is_always_taken_back_by_the_desk() -> None:
    held = [world for world in graph() if world.own.assignee_id not in {*world.here, ""} and world.intents[2] is None]
    assert held
    for world in held:
        assert any(name == "desk means to release" for name, _ in graph()[world])


def test_of_two_who_reach_for_one_conversation_exactly_one_gets_it() -> None:
    races = 0
    for world in graph():
        first, second, _ = world.intents
        if first and second and first.act == second.act == "claim" and is_queued(world.own):
            for early, late in (("a", "b"), ("b", "a")):
                once = dict(graph()[world])[f"{early} does claim"]
                assert once.own.assignee_id == early
                assert f"{late} does claim" not in dict(graph()[once]), "its epoch is over: no row is found"
                assert step(once.own, "claim", late) is None, "and asked again it is refused"
                races += 1
    assert races > 10


def _late_answer(now: Ownership, act: Act, agent_id: str = "") -> Ownership | None:
    """Taking over does not raise the epoch."""
    after = step(now, act, agent_id)
    if act == "take_over" and after is not None:
        return Ownership(status=after.status, epoch=now.epoch, assignee_id=agent_id)
    return after


def _kept_assignee(now: Ownership, act: Act, agent_id: str = "") -> Ownership | None:
    """Handing back forgets to let go."""
    after = step(now, act, agent_id)
    if act == "hand_back" and after is not None:
        return Ownership(status="pending", epoch=after.epoch, assignee_id=now.assignee_id)
    return after


def _stolen(now: Ownership, act: Act, agent_id: str = "") -> Ownership | None:
    """A hand-off gives the thread to nobody and closes it."""
    after = step(now, act, agent_id)
    if act == "hand_off" and after is not None:
        return Ownership(status="resolved", epoch=after.epoch)
    return after


SABOTAGE = {"late answer": _late_answer, "kept assignee": _kept_assignee, "lost hand-off": _stolen}


@pytest.mark.parametrize(
    ("rule", "promise"),
    [
        ("late answer", "no word of the assistant after a take-over"),
        ("kept assignee", "never two owners"),
        ("lost hand-off", "no visitor with nobody"),
    ],
)
def test_the_model_finds_a_broken_rule(rule: str, promise: str) -> None:
    found = explore(SABOTAGE[rule], lambda world: promise in _wrong(world))
    assert promise in {name for world in found for name in _wrong(world)}


@pytest.mark.parametrize("act", ["receive", "request", "take_over", "claim", "transfer", "resolve", "snooze", "wake"])
def test_every_change_of_hands_raises_the_epoch_by_one_and_nothing_else_does(act: Act) -> None:
    for status in STATUSES:
        for assignee in ("", "a", "b"):
            now = Ownership(status=status, epoch=7, assignee_id="" if status == "pending" else assignee)
            after = step(now, act, "a")
            if after is not None:
                changed = (after.status, after.assignee_id) != (now.status, now.assignee_id)
                assert after.epoch == 7 + changed


def test_the_statements_say_what_the_policy_says() -> None:
    """Derived, not copied: each status that a visitor's word changes stands in the statement, and no other."""
    text = str(RECEIVE.compile(compile_kwargs={"literal_binds": False}))
    changed = [status for status in STATUSES if step(Ownership(status=status), "receive") != Ownership(status=status)]
    assert changed == ["snoozed", "resolved"]
    assert text.count("CASE") >= 3
    answers = [status for status in STATUSES if step(Ownership(status=status), "answer")]
    assert answers == ["pending"]
    assert "pending" in str(ANSWER.compile().params.values())
