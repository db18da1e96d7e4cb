"""A model of one conversation, one visitor and two agents, small enough to visit every state that it can reach.

Who decides in it is the very function that the store's statements are derived from, `conversations.ownership.step`.
What is modelled beside it is what can come between: every actor first reads, then writes, and anything may happen
between the two; processes die in the middle; the node that runs a turn hears of a commit later than it happened.

Epochs are relative (1 is now, 0 is older), so that any number of changes of hands is a finite graph. A write based on
an older epoch finds no row; it is therefore left out as soon as it can no longer write.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from miaohui.conversations.ownership import Ownership, is_queued, may_answer, step
from miaohui.conversations.types import Act

Decide: TypeAlias = Callable[[Ownership, Act, str], Ownership | None]
AGENTS = ("a", "b")
BOTH = frozenset(AGENTS)
NOW, OLDER = 1, 0
BEGINNING = Ownership()


class Intent(NamedTuple):
    """What somebody, having read the present state, is about to write."""

    act: Act
    agent: str
    heard: bool = True
    """No word was said since it was read; it matters to who resolves."""


Turn = Literal["none", "runs", "died", "outdone"]
"""The assistant's answer: under way, lost with its process, or under way at a node that has not heard yet that the
thread changed hands."""
Intents: TypeAlias = tuple[Intent | None, Intent | None, Intent | None]


class World(NamedTuple):
    """Everything that matters."""

    own: Ownership = BEGINNING
    word: bool = False
    """The visitor's last word was answered by nobody."""
    turn: Turn = "none"
    intents: Intents = (None, None, None)
    """Of the first agent, the second, and the desk."""
    here: frozenset[str] = BOTH
    taken: bool = False
    """Humans have it: the model's own memory of the commits that it saw, independent of the status."""
    spoke_after: bool = False
    """The assistant said something after that. Must never be."""


Move: TypeAlias = tuple[str, World]


def moves(world: World, decide: Decide) -> Iterator[Move]:
    """Everything that can happen next."""
    yield from _visitor(world, decide)
    yield from _assistant(world, decide)
    yield from _agent(world, 0, decide)
    yield from _agent(world, 1, decide)
    yield from _desk(world, decide)


def _visitor(world: World, decide: Decide) -> Iterator[Move]:
    after = decide(world.own, "receive", "")
    if after is not None:
        said = _spoken(_commit(world._replace(word=True), after, "receive"))
        if may_answer(said.own, said.own.epoch) and said.turn in {"none", "outdone"}:
            said = said._replace(turn="runs")
        yield "visitor speaks", said
    if world.own.status == "pending":
        yield "visitor asks for a human", _acted(world, Intent("request", ""), decide)


def _assistant(world: World, decide: Decide) -> Iterator[Move]:
    if world.turn == "died":
        yield "turn is adopted", world._replace(turn="runs")
    if world.turn == "outdone":
        yield "turn hears that it is outdone", world._replace(turn="none")
        # Its pieces come before the news of the take-over for everybody who watches; its last words find no row.
        yield from _conclude(world, OLDER, decide)
    if world.turn == "runs":
        yield "turn shows a piece", world._replace(spoke_after=world.spoke_after or world.taken)
        yield "turn's process dies", world._replace(turn="died")
        yield from _conclude(world, NOW, decide)


def _conclude(world: World, epoch: int, decide: Decide) -> Iterator[Move]:
    """The final insert, conditional on the epoch in its own transaction. Failing or out of time it hands off."""
    over = world._replace(turn="none")
    if decide(world.own, "answer", "") is None or not may_answer(world.own, epoch):
        yield "turn ends unsaid", over
        return
    answered = _spoken(over._replace(word=False, spoke_after=world.spoke_after or world.taken))
    yield "turn answers", answered
    after = decide(world.own, "hand_off", "")
    if after is not None:
        yield "turn hands off", _commit(answered._replace(word=True), after, "hand_off")


def _agent(world: World, index: int, decide: Decide) -> Iterator[Move]:
    agent, other = AGENTS[index], AGENTS[1 - index]
    intent = world.intents[index]
    if intent is not None:
        # On its way, whether its sender is still there or not.
        yield f"{agent} does {intent.act}", _try(_intend(world, index, None), intent, decide)
        yield f"{agent} loses its request", _intend(world, index, None)
    if agent not in world.here:
        yield f"{agent} comes back", world._replace(here=world.here | {agent})
        return
    yield f"{agent} disconnects", world._replace(here=world.here - {agent})
    if world.own.assignee_id == agent and world.own.status == "open":
        yield f"{agent} speaks", _spoken(world._replace(word=False))
    if intent is None:
        for act in ("take_over", "claim", "hand_back", "resolve", "snooze"):
            yield f"{agent} means to {act}", _intend(world, index, Intent(act, agent))
        yield f"{agent} means to transfer", _intend(world, index, Intent("transfer", other))


def _desk(world: World, decide: Decide) -> Iterator[Move]:
    intent = world.intents[2]
    if intent is not None:
        yield f"desk does {intent.act}", _try(_intend(world, 2, None), intent, decide)
        yield "desk's process dies", _intend(world, 2, None)
        return
    if is_queued(world.own):
        for agent in sorted(world.here):
            yield f"desk means {agent}", _intend(world, 2, Intent("assign", agent))
    if world.own.assignee_id and world.own.assignee_id not in world.here:
        yield "desk means to release", _intend(world, 2, Intent("release", world.own.assignee_id))
    if world.own.status == "snoozed":
        yield "desk means to wake", _intend(world, 2, Intent("wake", ""))


def _try(world: World, intent: Intent, decide: Decide) -> World:
    """The conditional update. Who resolves must have heard the last word."""
    return world if intent.act == "resolve" and not intent.heard else _acted(world, intent, decide)


def _acted(world: World, intent: Intent, decide: Decide) -> World:
    after = decide(world.own, intent.act, intent.agent)
    if after is None or after == world.own:
        return world
    done = _commit(world, after, intent.act)
    if intent.act == "hand_back" and done.word:
        done = done._replace(turn="runs")  # owed for a word that no agent answered
    if intent.act == "resolve":
        done = done._replace(word=False)  # closed by somebody who had read it
    return done


def _commit(world: World, after: Ownership, act: Act) -> World:
    """The model's own memory of who took over follows the commits; what was based on the older epoch is void."""
    taken = world.taken
    if act in {"take_over", "claim", "assign", "transfer", "hand_off", "request"}:
        taken = True
    elif after.status == "pending":
        taken = False
    if after.epoch == world.own.epoch:
        return world._replace(own=after, taken=taken if after != world.own else world.taken)
    return world._replace(
        own=Ownership(status=after.status, epoch=NOW, assignee_id=after.assignee_id),
        # A dead one's adopter reads the conversation and says nothing.
        turn="outdone" if world.turn in {"runs", "outdone"} else "none",
        intents=(None, None, None),
        taken=taken,
    )


def _spoken(world: World) -> World:
    """Somebody said something: who has not read it has not heard it."""
    first, second, desk = world.intents
    return world._replace(intents=(_unheard(first), _unheard(second), desk))


def _unheard(intent: Intent | None) -> Intent | None:
    return intent._replace(heard=False) if intent and intent.act == "resolve" else intent


def _intend(world: World, index: int, intent: Intent | None) -> World:
    intents = [*world.intents]
    intents[index] = intent
    return world._replace(intents=(intents[0], intents[1], intents[2]))


def explore(decide: Decide = step, stop: Callable[[World], bool] = lambda _: False) -> dict[World, list[Move]]:
    """Every state that can be reached from an empty conversation, with what can happen in it; or up to `stop`."""
    graph: dict[World, list[Move]] = {}
    line = deque([World()])
    seen = {line[0]}
    while line:
        world = line.popleft()
        graph[world] = list(moves(world, decide))
        if stop(world):
            break
        for _, after in graph[world]:
            if after not in seen:
                seen.add(after)
                line.append(after)
    return graph
