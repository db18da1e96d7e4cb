"""What is looked at, what is found, and what operators are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

Code: TypeAlias = Literal[
    "throttled",
    "timeouts",
    "success",
    "p95",
    "queue",
    "cost",
    "budget_near",
    "budget_reached",
    "disk",
    "lag",
    "route_away",
    "key_dead",
    "bus_away",
]
"""What may be wrong, by name."""
CODES: tuple[Code, ...] = get_args(Code)


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Where each begins. Shares are 0 to 1."""

    throttled: float = 0.01
    timeouts: float = 0.05
    success: float = 0.95
    p95_s: float = 8.0
    queue: int = 1_000
    cost: float = 0.0
    """In a day, in units of the currency; 0 never."""
    disk_bytes: float = 2e9
    lag_s: float = 0.5
    least: int = 20
    """Attempts or turns in the window below which shares and percentiles say nothing."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """This node at one moment; counters since its start."""

    at_ms: int
    attempts: float = 0.0
    throttled: float = 0.0
    timeouts: float = 0.0
    turns: float = 0.0
    failed: float = 0.0
    """Turns that no engine could answer, or that broke."""
    turn_buckets: tuple[tuple[float, float], ...] = ()
    """Upper bound in seconds, and turns up to it."""
    queue: float = 0.0
    waiting: float = 0.0
    """Conversations that wait for a person, everywhere."""
    cost: float = 0.0
    """Of today, everywhere."""
    companies: Mapping[str, float] = {}
    """By name, those that have spent 80 in 100 of their budget for providers or more: which part of it."""
    disk_bytes: float = 1e18
    lag_s: float = 0.0
    routes_away: float = 0.0
    keys_dead: float = 0.0
    bus: float = 1.0
    """0 while a Redis that should be there is not."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule says now."""

    code: Code
    wrong: bool
    value: float
    threshold: float


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What one node says of one rule."""

    code: Code
    node: str
    firing: bool
    value: float
    since_ms: int
    """Since when it fires; 0 while it does not."""
    seen_ms: int
    turning_ms: int = 0
    """Since when what is seen is other than what is said; 0 while they agree."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What operators were told last of one rule."""

    code: Code
    firing: bool
    at_ms: int
    """0 while nobody was told anything."""
    lease_until_ms: int = 0
    """Until then it is somebody's to tell what is new; past, when who had it died. 0 while nobody wants to."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """Who is about to tell, and for how long others leave it to them."""

    owner: str
    until_ms: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One alert in a letter."""

    code: Code
    firing: bool
    value: float
    threshold: float
    nodes: tuple[str, ...]
    since_ms: int
    again: bool = False
    """It was told before, and still holds."""
    about: tuple[str, ...] = ()
    """Companies that it is about."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts and recoveries that came together, told together."""

    id: str
    at_ms: int
    lines: tuple[Line, ...]
    subject: str
    text: str


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody is told of it for a while; it is looked at all the same."""

    id: str
    code: Code | Literal[""]
    """Empty for every one."""
    until_ms: int
    reason: str = ""
    created_at_ms: int = 0


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How soon, how long and how often."""

    every_s: float = 15.0
    window_s: float = 300.0
    """Shares and percentiles are of the last so many seconds."""
    holds_s: float = 60.0
    """A change counts when it has held for so long."""
    group_s: float = 30.0
    again_s: float = 14_400.0
    stale_s: float = 90.0
    """A node that was not heard of for so long says nothing."""
