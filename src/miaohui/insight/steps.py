"""What is done without while too much is asked: the steps of the ladder, and when each is left again. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

Step = Literal["", "small", "leave", "refuse"]
STEPS: tuple[Step, ...] = ("", "small", "leave", "refuse")
"""Nothing · kept answers and the small route · a message is left for people · nothing more is taken."""
Why = Literal["", "turns", "lag"]


class Load(msgspec.Struct, frozen=True):
    """What of a node is taken up; 1 is all that it bears."""

    turns: float
    """By answers under way."""
    lag: float
    """By how late the machine comes to its work."""


class Strain(msgspec.Struct, frozen=True, kw_only=True):
    """On which step a node or the whole place stands."""

    step: Step = ""
    why: Why = ""
    """What is taken up: answers under way, or the machine itself."""
    since_ms: int = 0
    nodes: int = 0
    """How many are on any step."""

    @property
    def height(self) -> int:
        """0 is the ground."""
        return STEPS.index(self.step)


class Ladder:
    """Goes up at once; goes down when it was quiet for so long, so that nobody is told of every gust."""

    def __init__(self, marks: tuple[float, float, float], quiet_s: float = 10.0) -> None:
        """`marks`: from which load on each step holds."""
        self._marks = marks
        self._quiet_s = quiet_s
        self._until = [0.0] * len(marks)
        self._since_ms = [0] * len(marks)
        self._why: Why = ""

    def note(self, load: Load, now_s: float, now_ms: int) -> Strain:
        """So much is taken up now; where that leaves the node."""
        most = max(load.turns, load.lag)
        for n, mark in enumerate(self._marks):
            if most >= mark:
                if self._until[n] <= now_s:
                    self._since_ms[n] = now_ms
                self._until[n] = now_s + self._quiet_s
                self._why = "turns" if load.turns >= load.lag else "lag"
        height = max((n + 1 for n, until in enumerate(self._until) if until > now_s), default=0)
        if not height:
            return Strain()
        return Strain(step=STEPS[height], why=self._why, since_ms=self._since_ms[height - 1], nodes=1)


def worst_of(strains: list[Strain]) -> Strain:
    """Of all nodes: the highest step, since the first of those on it."""
    up = [one for one in strains if one.step]
    if not up:
        return Strain()
    height = max(one.height for one in up)
    first = min((one for one in up if one.height == height), key=lambda one: one.since_ms)
    return msgspec.structs.replace(first, nodes=len(up))
