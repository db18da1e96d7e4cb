"""Agents at the desk, who waits, and who is given to whom."""

from __future__ import annotations

from typing import Literal

import msgspec

from miaohui.conversations.types import Priority

Presence = Literal["online", "away", "offline"]
Strategy = Literal["round_robin", "least_loaded"]
StintKind = Literal["assigned", "claimed", "transferred", "taken_over"]
Moved = Literal["", "priority", "returned", "moved"]
"""Why a place in the queue went back: somebody more urgent came, somebody who had waited longer came back, or this
conversation itself was given another priority or team."""


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """Agents who serve the same things."""

    id: str
    tenant_id: str
    name: str
    members: tuple[str, ...] = ()
    created_at_ms: int = 0


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """A person at the desk."""

    person_id: str
    name: str
    state: Presence = "offline"
    """As they chose it."""
    gone: bool = False
    """Nothing was heard from them for too long."""
    capacity: int = 5
    """Conversations at a time; what they take by hand may exceed it."""
    load: int = 0
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """`zh`, `en`; none is any."""
    teams: tuple[str, ...] = ()
    seen_at_ms: int = 0
    assigned_at_ms: int = 0

    @property
    def presence(self) -> Presence:
        """As others see them."""
        return "offline" if self.gone else self.state


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """An agent who is online, as far as assignment is concerned."""

    agent_id: str
    capacity: int
    load: int = 0
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    assigned_at_ms: int = 0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in the queue."""

    conversation_id: str
    queued_at_ms: int
    team_id: str = ""
    skills: frozenset[str] = frozenset()
    language: str = ""
    priority: Priority = ""
    vip: bool = False
    sentiment: int = 0
    strategy: Strategy = "round_robin"
    told: int = 0
    """The place that the visitor was told; 0 when none was."""
    known: bool = True
    """Language and sentiment were looked at."""
    estimate_s: int | None = None
    """As it was told; None when nothing was, -1 when there was none to tell."""


class Assignment(msgspec.Struct, frozen=True):
    """Who is to serve whom."""

    conversation_id: str
    agent_id: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a waiting visitor is told."""

    conversation_id: str
    position: int
    """1 is next."""
    estimate_s: int | None
    """About how long; None when nobody who could serve is there."""
    reason: Moved = ""
    """Why it went back, if it did."""


class InboxDesk(msgspec.Struct, frozen=True, kw_only=True):
    """Who serves an inbox, and how they are chosen."""

    inbox_id: str
    team_id: str = ""
    skills: tuple[str, ...] = ()
    strategy: Strategy = "round_robin"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply; its text is told as it stands, whatever is in it."""

    id: str
    tenant_id: str
    short_code: str
    text: str
    created_by: str = ""
    created_at_ms: int = 0
    updated_at_ms: int = 0


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's name in a note."""

    message_id: str
    conversation_id: str
    person_id: str
    by_id: str
    by_name: str
    at_ms: int
    seen_at_ms: int = 0


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor found of how they were served."""

    conversation_id: str
    tenant_id: str
    person_id: str = ""
    """Who served last; empty is the assistant."""
    score: int
    """1 is bad, 5 is good."""
    comment: str = ""
    at_ms: int = 0


Why = Literal["sample", "rated_low"]


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that somebody should look at again, or has."""

    conversation_id: str
    tenant_id: str
    person_id: str = ""
    why: Why = "sample"
    sampled_at_ms: int = 0
    reviewer_id: str = ""
    score: int = 0
    """1 is bad, 5 is good; 0 while nobody has looked."""
    note: str = ""
    reviewed_at_ms: int = 0


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody is told while something is wrong."""

    id: str
    tenant_id: str
    inbox_id: str = ""
    """Empty: at every inbox."""
    texts: dict[str, str]
    """By locale."""
    until_ms: int
    created_by: str = ""
    created_at_ms: int = 0

    def text_for(self, locale: str) -> str:
        """In this language, or else in one that there is."""
        near = "zh-CN" if locale.startswith("zh") else "en"
        return self.texts.get(near) or next(iter(self.texts.values()))


Outcome = Literal["", "held", "broke"]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A question that was answered wrongly once, and what must be so from now on."""

    id: str
    tenant_id: str
    turn_id: str
    conversation_id: str
    question: str
    wanted: str
    """As a person would have answered; shown to who writes, never compared word by word."""
    holds: tuple[str, ...] = ()
    """What an answer must say."""
    lacks: tuple[str, ...] = ()
    """What it must not."""
    created_by: str = ""
    created_at_ms: int = 0
    outcome: Outcome = ""
    answer: str = ""
    """As it was tried last."""
    tried_at_ms: int = 0


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """A message in another language."""

    message_id: str
    language: str
    tenant_id: str
    conversation_id: str
    source: str = ""
    """The language that it was found to be in; empty when nobody named it."""
    text: str = ""
    """Empty: it is in that language already."""
    at_ms: int = 0
