"""What happened: as clients saw it, as receivers outside saw it, and as the database holds it when all is over."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may talk."""

    tenant: str
    contact: str
    conversation: str
    token: str = ""


class Happening(msgspec.Struct, frozen=True, tag_field="e"):
    """Something at one client. `at` is seconds on the clock that all clients of a history share."""

    at: float


class Joined(Happening, frozen=True, tag="joined"):
    """A connection was made."""


class Left(Happening, frozen=True, tag="left"):
    """The connection is gone, whoever ended it."""


class Sent(Happening, frozen=True, tag="sent"):
    """A message on its way, or once more on its way."""

    cmid: str
    text: str


class Got(Happening, frozen=True, tag="got"):
    """A frame that arrived; the JSON text as it came."""

    raw: bytes


class Read(Happening, frozen=True, tag="read"):
    """A page of messages that was asked for and came: place, id and text of each."""

    conversation: str
    after: int
    messages: tuple[tuple[int, str, str], ...]
    since: float = 0.0
    """When it was asked for."""


Event: TypeAlias = Joined | Left | Sent | Got | Read


class Line(msgspec.Struct, kw_only=True):
    """One client's past, over all its connections, in the order of this side."""

    visitor: Visitor
    events: list[Event] = msgspec.field(default_factory=list)
    whole: bool = True
    """Whether the client was there until the load was over and everything due had come."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a receiver outside took."""

    at: float
    endpoint: str
    id: str
    """The stable `webhook-id`."""
    conversation: str
    message: str = ""
    """The message that it tells of; empty when it tells of something else."""
    seq: int = 0


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a tool did outside."""

    at: float
    key: str
    """The idempotency key that it came with."""
    work: str
    """What was to be done once: a turn and its step."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What a process held at one moment."""

    at: float
    process: str
    values: dict[str, float]
    """By name: `rss_bytes`, `files`, `tasks`, `queued`."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something was broken from `begin` to `end`."""

    name: str
    begin: float
    end: float


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `messages`."""

    id: str
    tenant: str
    conversation: str
    seq: int
    sender: str
    text: str
    turn: str
    final: bool
    cmid: str
    principal: str = ""


class StoredTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `turns`; milliseconds."""

    id: str
    message: str
    state: str
    created_at_ms: int = 0
    ended_at_ms: int = 0


class Cold(msgspec.Struct, frozen=True):
    """The database after the servers have gone."""

    messages: tuple[Stored, ...]
    turns: tuple[StoredTurn, ...]
    last_seqs: dict[str, int]
    """By conversation."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected of times and sizes; 0 is not looked at."""

    turn_s: float = 0.0
    """From acceptance to the end of a turn, faults not counted."""
    ack_p99_s: float = 0.0
    """Of acks, from half a minute after a fault on."""
    heal_s: float = 30.0
    calm_s: float = 60.0
    """After the last event, so long until everything is back to what was held at first."""
    growth: float = 0.10
    """How much more may be held then."""
    most: dict[str, float] = msgspec.field(default_factory=dict)
    """What may be held at any time, by name."""


class History(msgspec.Struct, kw_only=True):
    """Everything that the checker looks at."""

    lines: list[Line]
    cold: Cold
    endpoints: dict[str, str] = msgspec.field(default_factory=dict)
    """Receivers outside that were to be told of every message: tenant by endpoint."""
    arrivals: list[Arrival] = msgspec.field(default_factory=list)
    effects: list[Effect] = msgspec.field(default_factory=list)
    samples: list[Sample] = msgspec.field(default_factory=list)
    faults: list[Fault] = msgspec.field(default_factory=list)
    bounds: Bounds = msgspec.field(default_factory=Bounds)
    lossy: bool = False
    """Announcements between nodes were lost: that a turn ended may show by its message alone."""
    canaries: dict[str, str] = msgspec.field(default_factory=dict)
    """By tenant: words that nobody else may ever read."""
