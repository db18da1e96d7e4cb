"""A run cut into stretches: while something was broken, while clients came back, while it healed, and in peace.

Every send belongs to the stretch in which it was due. Nothing is left out of its stretch, whoever was late.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import msgspec

from bench.cluster.usage import Lag, Usage
from bench.histogram import Histogram
from miaohui.testing.history.types import Fault

Kind: TypeAlias = Literal["broken", "coming back", "healing", "calm"]
QUICK_S = 2.0
BACK_S = 10.0
"""After the cause is gone a client may need so long to notice and to come back: it is told to take up to eight
seconds. Until then the fault is not over."""
HEALED_S = 30.0
"""INV-12: so long after the fault everything is as before."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """From `begin` to `end` on the run's clock."""

    kind: Kind
    name: str
    begin: float
    end: float

    @property
    def counts(self) -> bool:
        """Whether sends in it must be acked within two seconds."""
        return self.kind in {"healing", "calm"}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a stretch."""

    kind: Kind
    name: str
    seconds: float
    sends: int
    late: int
    """Not acked within two seconds from when they were due."""
    late_with_us: int
    """Of these, while this generator's own loop was late by half a second or more. They count all the same."""
    ack_ms: dict[str, float]
    lag_ms: float
    """The most that the generator was late."""
    cores: dict[str, float]
    """How many cores each group kept busy."""
    starved: dict[str, float]
    """Share of the time in which a group's main threads waited for a core."""


def cut(faults: Sequence[Fault], begin: float, end: float) -> Iterator[Stretch]:
    """The stretches of a run, in order, without a gap. A fault begins two seconds early: its sends may be caught."""
    at, name = begin, "before"
    for number, fault in enumerate(faults):
        start, gone = max(at, fault.begin - QUICK_S), fault.end - BACK_S
        most = faults[number + 1].begin - QUICK_S if number + 1 < len(faults) else end
        back, healed = min(gone + BACK_S, most), min(gone + HEALED_S, most)
        yield Stretch(kind="calm", name=name, begin=at, end=start)
        yield Stretch(kind="broken", name=fault.name, begin=start, end=gone)
        yield Stretch(kind="coming back", name=fault.name, begin=gone, end=back)
        yield Stretch(kind="healing", name=fault.name, begin=back, end=healed)
        at, name = healed, f"after {fault.name}"
    yield Stretch(kind="calm", name=name, begin=at, end=end)


def tell(
    stretches: Sequence[Stretch], waits: Sequence[tuple[float, float]], lag: Lag, usage: Sequence[Usage]
) -> list[Told]:
    """What came of each that has a length. `waits`: when a send was due, and seconds from there to its ack."""
    return [_tell(one, waits, lag, usage) for one in stretches if one.end > one.begin]


def _tell(one: Stretch, waits: Sequence[tuple[float, float]], lag: Lag, usage: Sequence[Usage]) -> Told:
    here = [(due, wait) for due, wait in waits if one.begin <= due < one.end]
    late = [(due, wait) for due, wait in here if wait > QUICK_S]
    with_us = sum(lag.worst(due, due + min(wait, 60.0)) >= 0.5 for due, wait in late)
    first, last = _around(usage, one.begin), _around(usage, one.end)
    took = max(last.at - first.at, 1e-9)
    return Told(
        kind=one.kind,
        name=one.name,
        seconds=round(one.end - one.begin, 1),
        sends=len(here),
        late=len(late),
        late_with_us=with_us,
        ack_ms=Histogram(min(wait, 3600.0) for _, wait in here).summary_ms(),
        lag_ms=round(lag.worst(one.begin, one.end) * 1000, 1),
        cores={name: round((last.cpu_s[name] - first.cpu_s.get(name, 0.0)) / took, 2) for name in last.cpu_s},
        starved={
            name: round((last.starved_s[name] - first.starved_s.get(name, 0.0)) / took, 3) for name in last.starved_s
        },
    )


def _around(usage: Sequence[Usage], at: float) -> Usage:
    return usage[max(0, min(len(usage) - 1, bisect_right(usage, at, key=lambda one: one.at)))]


def quick_share(told: Sequence[Told], counted: Sequence[Kind] = ("healing", "calm")) -> float:
    """Of the sends in stretches of these kinds, how many were acked within two seconds of when they were due."""
    sends = sum(one.sends for one in told if one.kind in counted)
    return 1 - sum(one.late for one in told if one.kind in counted) / sends if sends else 1.0
